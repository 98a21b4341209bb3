"""ORU messages as hubs send them."""

from tests.integration.interchange.adt import SIGNS

AT = "202603050730-0500"


def msh(key="H-1", *, sent_at="20260105093000-0500", version="2.6", processing="P", event="R01") -> str:
    return f"MSH|{SIGNS}|HUB|VENDOR|RPM|MAPLE|{sent_at}||ORU^{event}^ORU_{event}|{key}|{processing}|{version}"


def pid(mrn="T-0001") -> str:
    return f"PID|1||{mrn}^^^MAPLE^MR||Doe^Jane" if mrn else "PID|1||||Doe^Jane"


def obr(number: str = "", at: str = AT) -> str:
    return f"OBR|1||{number}|29274-8^Vital signs^LN|||{at}"


def obx(code, value, unit, *, at=AT, status="F", kind="NM", device="CUFF-T-0001", own="", how="") -> str:
    return f"OBX|1|{kind}|{code}||{value}|{unit}|||||{status}|||{at}|||{how}|{device}|||{own}"


PRESSURE = (obx("8480-6^Systolic^LN", "128", "mm[Hg]"), obx("8462-4^Diastolic^LN", "82", "mm[Hg]"))


def oru(*segments: str, first: str | None = None, **header) -> bytes:
    """The message, behind its header and a PID."""
    lines = [msh(**header), pid() if first is None else first, *(segments or (obr(), *PRESSURE))]
    return ("\r".join(line for line in lines if line) + "\r").encode()
