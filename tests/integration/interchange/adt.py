"""ADT messages as other systems send them."""

from django.utils import timezone

from foundation.context import ActorKind, acting
from interchange.hl7.answer import reply

SENDER = "Riverbend EHR"

SIGNS = "^~\\&"
PID = "PID|1||N-1^^^RIVERBEND^MR||Bell^Ida^^^^^L||19510314|F|||12 Elm St^^Springfield^MA^01101||(555)555-0111"


def msh(
    event: str = "A04",
    key: str = "M-1",
    *,
    processing="P",
    version="2.5.1",
    charset="UNICODE UTF-8",
    kind="ADT",
) -> str:
    return (
        f"MSH|{SIGNS}|EHR|RIVERBEND|RPM|MAPLE|20260105093000-0500||{kind}^{event}^{kind}_A01|{key}|{processing}"
        f"|{version}||||||{charset}"
    )


def adt(*segments: str, event: str = "A04", key: str = "M-1", **header) -> bytes:
    """The message, in UTF-8, with an EVN behind its header."""
    lines = [msh(event, key, **header), f"EVN|{event}|20260105093000", *(segments or (PID,))]
    return ("\r".join(lines) + "\r").encode()


def pid(mrn="N-1", family="Bell", given="Ida", born="19510314", sex="F", phone="", address="") -> str:
    return f"PID|1||{mrn}^^^RIVERBEND^MR||{family}^{given}^^^^^L||{born}|{sex}|||{address}||{phone}"


def in1(fields: dict[int, str]) -> str:
    return "|".join(["IN1", *(fields.get(place, "") for place in range(1, max(fields) + 1))])


MEDICARE = {
    1: "1",
    2: "MCB^Medicare Part B",
    3: "CMS",
    4: "Medicare",
    12: "20250201",
    15: "MB",
    36: "1EG4TE5MK73",
}
IN1 = in1(MEDICARE)


def fields_of(ack: bytes) -> dict[str, list[str]]:
    """{segment: fields}, MSH counted as the standard does."""
    found = {}
    for line in ack.decode().strip("\r").split("\r"):
        name, *fields = line.split("|")
        found[name] = ["|", *fields] if name == "MSH" else fields
    return found


def sent(cast, content: bytes, *, at=None) -> tuple[str, str]:
    """(code, sentence) of the acknowledgment, which must be one."""
    with acting(f"token: {SENDER}", kind=ActorKind.IMPORT):
        found = reply(content, cast.practice, sender=SENDER, at=at or timezone.now())
    fields = fields_of(found.content)
    assert fields["MSA"][0] == found.code
    assert ("ERR" in fields) == (found.code != "AA")
    return fields["MSA"][0], fields["MSA"][2]


# What two readers must read alike.
SAMPLES = {
    "plain": adt(),
    "insured": adt(PID, IN1, event="A08"),
    "added": adt(event="A28", version="2.4"),
    "changed": adt(pid("T-0001", "Doe", "Jane", "19480512"), event="A31", version="2.3.1"),
    "old": adt(version="2.3"),
    "new": adt(version="2.8.2"),
    "repetitions": adt("PID|1||77^^^SSA^SS~N-1^^^RIVERBEND^MR||Bel^Ida^^^^^N~Bell^Ida^^^^^L||19510314|F"),
    "escaped": adt(pid("N-1", "O\\T\\Bell\\E\\", "Ida\\F\\Mae\\S\\\\R\\")),
    "accents": adt(pid("N-1", "Peña", "José")),
    "null": adt(pid("N-1", phone='""')),
    "empty": adt(pid("N-1", sex="")),
    "subcomponents": adt("PID|1||N-1^^^RIVERBEND&1.2.3&ISO^MR||Bell&van^Ida||195103141200|F"),
    "merge": adt(pid("T-0001", "Doe", "Jane"), "MRG|T-0002^^^RIVERBEND^MR", event="A40"),
    "phones": adt("PID|1||N-1||Bell^Ida||19510314|F|||||^NET^Internet^i@b.test~^PRN^PH^^1^555^5550111"),
}
