"""What a Patient resource says, as fields of `intake`. What is not kept here (addresses, contacts …) is passed over."""

from collections.abc import Iterator
from datetime import date

from foundation.plain_text import has_hidden_characters
from interchange.fhir.arriving import EXPECTED, Said
from interchange.fhir.outcome import Invalid, Issue, Json
from interchange.fhir.resources import GENDERS, IDENTIFIER_TYPES, MBI, TIME_ZONE

SSN = "http://hl7.org/fhir/sid/us-ssn"
_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "zh": "Chinese", "vi": "Vietnamese",
              "ko": "Korean", "ru": "Russian", "ar": "Arabic", "pt": "Portuguese", "ht": "Haitian Creole",
              "tl": "Tagalog", "it": "Italian", "pl": "Polish", "ja": "Japanese", "hi": "Hindi"}  # fmt: skip


def patient_said(data: Json) -> Said:
    """Raises `Invalid` with all that a patient here needs and is not there."""
    faults = [*_unsupported(data), *_lacking(data)]
    if faults:
        raise Invalid(*faults)
    name = _name(data)
    found = {
        "mrn": ("Patient.identifier", mrn_among(data.get("identifier", []), "Patient.identifier")),
        "family_name": ("Patient.name.family", name["family"]),
        "given_name": ("Patient.name.given", name["given"][0]),
        "born_on": ("Patient.birthDate", data["birthDate"].isoformat()),
        "sex": ("Patient.gender", data["gender"]),
    }
    return found | {field: said for field, said in _more(data) if said[1]}


def _unsupported(data: Json) -> Iterator[Issue]:
    """What would be read wrongly if it were passed over."""
    if data.get("active") is False:
        yield Issue(
            "not-supported", "A patient who is no longer active is ended by the practice.", "Patient.active"
        )
    if data.get("deceasedBoolean") or data.get("deceasedDateTime"):
        text = "That a patient has died is entered by the practice."
        yield Issue("not-supported", text, "Patient.deceased")
    if data.get("link"):
        yield Issue("not-supported", "Two records are not merged by a request.", "Patient.link")


def _lacking(data: Json) -> Iterator[Issue]:
    name = _name(data)
    if not name.get("family"):
        yield Issue("required", "A family name is needed.", "Patient.name.family")
    if not (name.get("given") or [None])[0]:
        yield Issue("required", "A given name is needed.", "Patient.name.given")
    if not isinstance(data.get("birthDate"), date):
        yield Issue("required", "A whole date of birth is needed: year, month and day.", "Patient.birthDate")
    if data.get("gender") not in GENDERS.values():
        words = ", ".join(GENDERS.values())
        yield Issue("required", f"A gender is needed: {words}.", "Patient.gender")


def mrn_among(identifiers: list[Json], where: str) -> str:
    """The identifier of type MR; the only one without a type, where none has it. Two could be two people's."""
    held = [one for one in identifiers if one.get("value") and one.get("use") != "old"]
    typed = {one["value"] for one in held if _is_mr(one)}
    plain = {one["value"] for one in held if "type" not in one and one.get("system") not in {SSN, MBI}}
    found = typed or plain
    if not found:
        raise Invalid(
            Issue("required", "The medical record number is needed: an identifier of type MR.", where)
        )
    if len(found) > 1:
        text = "There are several medical record numbers. Send the one that this practice uses."
        raise Invalid(Issue("value", text, where))
    (mrn,) = found
    if has_hidden_characters(mrn):
        raise Invalid(Issue("value", EXPECTED["mrn"], where))
    return mrn


def _is_mr(identifier: Json) -> bool:
    codings = identifier.get("type", {}).get("coding", [])
    return any(
        c.get("code") == "MR" and c.get("system", IDENTIFIER_TYPES) == IDENTIFIER_TYPES for c in codings
    )


def _name(data: Json) -> Json:
    """The official one, else the usual one, else the first that is in use."""
    names = [
        name for name in data.get("name", []) if name.get("use") not in {"old", "temp", "nickname", "maiden"}
    ]
    for use in ("official", "usual"):
        for name in names:
            if name.get("use") == use:
                return name
    return names[0] if names else {}


def _more(data: Json) -> Iterator[tuple[str, tuple[str, str]]]:
    yield "phone", ("Patient.telecom", _phone(data))
    yield "language", ("Patient.communication", _language(data))
    zones = (e.get("valueCode", "") for e in data.get("extension", []) if e.get("url") == TIME_ZONE)
    yield "time_zone", ("Patient.extension(timezone)", next(zones, ""))


def _phone(data: Json) -> str:
    """By its rank; then the mobile one, the one at home, any other."""
    uses = {"mobile": 0, "home": 1}
    found = [
        (point.get("rank", 99), uses.get(point.get("use"), 2), place, point["value"])
        for place, point in enumerate(data.get("telecom", []))
        if point.get("system") == "phone" and point.get("use") != "old" and point.get("value")
    ]
    return min(found)[-1].removeprefix("tel:") if found else ""


def _language(data: Json) -> str:
    spoken = sorted(data.get("communication", []), key=lambda one: not one.get("preferred"))
    for one in spoken[:1]:
        language = one["language"]
        coding = next(iter(language.get("coding", [])), {})
        known = _LANGUAGES.get(coding.get("code", "").partition("-")[0].lower())
        return known or language.get("text") or coding.get("display") or ""
    return ""
