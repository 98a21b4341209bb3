"""Whom and which device a resource names: by an id of ours, or by a number of the practice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from foundation.plain_text import has_hidden_characters, has_unseen_characters
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.patient_in import mrn_among
from interchange.fhir.resources import key_of

SUBJECT, DEVICE = "Observation.subject", "Observation.device"


@dataclass(frozen=True, slots=True)
class Named:
    """`patient` and `device`: references, as they are written; `mrn` and `serial`: numbers beside or instead."""

    patient: str = ""
    mrn: str = ""
    device: str = ""
    serial: str = ""


def named(data) -> Named:
    """Of an Observation. Raises `Invalid` where it names neither a patient nor a device."""
    patient, mrn = _patient(data.subject)
    device, serial = _device(data.device)
    if not (patient or mrn or device or serial):
        text = "Whose it is is needed: a patient as subject, or a device that a patient has here."
        raise Invalid(Issue("required", text, SUBJECT))
    return Named(patient, mrn, device, serial)


def _patient(reference) -> tuple[str, str]:
    if reference is None:
        return "", ""
    if (reference.type or "Patient") != "Patient" or _kind(reference.reference) not in {"", "Patient"}:
        raise Invalid(Issue("not-supported", "The subject must be a patient.", SUBJECT))
    text = _readable(reference.reference, f"{SUBJECT}.reference")
    if reference.identifier is None:
        return text, ""
    plain = reference.identifier.model_dump(exclude_none=True)
    try:
        return text, mrn_among([plain], f"{SUBJECT}.identifier")
    except Invalid:
        if not text:
            raise
        return text, ""


def _device(reference) -> tuple[str, str]:
    if reference is None:
        return "", ""
    if _kind(reference.reference) not in {"", "Device"}:
        raise Invalid(Issue("not-supported", "The device must be a Device.", DEVICE))
    serial = reference.identifier.value if reference.identifier else ""
    return _readable(reference.reference, f"{DEVICE}.reference"), _readable(serial, f"{DEVICE}.identifier")


def _kind(reference: str | None) -> str:
    """`Patient` of `Patient/1` and of `https://…/fhir/Patient/1`."""
    parts = (reference or "").partition("/_history/")[0].split("/")
    return parts[-2] if len(parts) > 1 else ""


def _readable(text: str | None, where: str) -> str:
    """A number with signs that cannot be seen is another one that looks the same."""
    text = text or ""
    if has_hidden_characters(text) or has_unseen_characters(text) or len(text) > 2000:
        raise Invalid(Issue("value", "Holds signs that cannot be seen, or too many.", where))
    return text


def id_in(reference: str) -> UUID | None:
    """An id as ours are, of `Patient/…`."""
    try:
        return UUID(reference.partition("/_history/")[0].rpartition("/")[2])
    except ValueError:
        return None


def identifier_text(identifiers: Sequence | None) -> str:
    """The sender's own key: `system|value` of the first identifier with a value."""
    for one in identifiers or ():
        if one.value and one.use != "old":
            return key_of(one.system or "", one.value)
    return ""


def ids_in(references: Iterable[str]) -> set[UUID]:
    return {found for reference in references if (found := id_in(reference))}
