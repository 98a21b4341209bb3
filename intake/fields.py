"""What a column may give of a patient, and how its header is guessed. No database here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """`guesses`: headers that mean it, in small letters and digits alone."""

    label: str
    longest: int
    guesses: frozenset[str]


def _field(label: str, longest: int, guesses: str) -> Field:
    return Field(label, longest, frozenset(guesses.split()))


FIELDS: dict[str, Field] = {
    "mrn": _field(
        "MRN", 20, "mrn medicalrecordnumber medicalrecordno patientmrn patientid patientnumber patientno chart"
        " chartnumber chartno chartid recordnumber emrid ehrid",
    ),
    "family_name": _field(
        "Family name", 60, "familyname lastname surname last patientlastname namelast lname plast"
    ),
    "given_name": _field(
        "Given name", 60, "givenname firstname first patientfirstname namefirst fname forename pfirst"
    ),
    "full_name": _field(
        "Family name, given name", 121, "name fullname patientname patient patientfullname"
    ),
    "born_on": _field(
        "Date of birth", 30, "dateofbirth dob birthdate birthday bornon birth patientdob patientdateofbirth"
    ),
    "sex": _field("Sex", 20, "sex gender birthsex sexatbirth administrativesex patientsex legalsex"),
    "phone": _field(
        "Phone", 20, "phone phonenumber telephone mobile mobilephone cell cellphone homephone primaryphone"
        " patientphone phone1 contactphone",
    ),
    "language": _field("Language", 30, "language preferredlanguage primarylanguage lang spokenlanguage"),
    "time_zone": _field("Time zone", 40, "timezone tz patienttimezone"),
    "payer": _field("Payer", 40, "payer payor insurancetype payertype"),
    "plan_name": _field(
        "Plan", 80, "plan planname insuranceplan insurance primaryinsurance insurancename"
    ),
    "member_id": _field(
        "Member number", 30, "memberid membernumber memberno subscriberid mbi medicarenumber medicareid policynumber"
        " insuranceid",
    ),
    "coverage_on": _field(
        "Covered since", 30, "coveredsince coveragestart coveragestartdate effectivedate coverageon"
    ),
}  # fmt: skip
COVERAGE = ("payer", "plan_name", "member_id")
DATES = ("born_on", "coverage_on")


def key(header: str) -> str:
    """A header as it is compared and kept: `Date of Birth` → `dateofbirth`."""
    return re.sub(r"[\W_]+", "", header.casefold())[:60]


def guess(headers: Iterable[str], known: dict[str, str]) -> list[str]:
    """A field for each header, or nothing; what the practice chose last comes first, and each field once."""
    found: list[str] = []
    for header in headers:
        field = known.get(key(header))
        if field is None:
            field = _guess_one(header)
        found.append(field if field in FIELDS and field not in found else "")
    return found


def _guess_one(header: str) -> str:
    return next((name for name, spec in FIELDS.items() if key(header) in spec.guesses), "")


def why_not_header(headers: Iterable[str], known: dict[str, str]) -> str | None:
    """Whether the first row is a header. One of a patient's data would be kept as the names of columns."""
    if any(guess(headers, known)):
        return None
    return "The first row must name the columns, like MRN, Last name, First name, Date of birth"


def meanings(headers: Iterable[str], chosen: Iterable[str]) -> dict[str, str]:
    """{header: field or ""} of what is worth knowing for the next file, and cannot be somebody's name."""
    pairs = ((name, field) for name, field in zip(headers, chosen, strict=True) if key(name))
    return {key(name): field for name, field in pairs if field or _guess_one(name)}


def why_not_columns(chosen: Iterable[str]) -> str | None:
    """Whether the chosen fields are enough to know whom a row speaks of."""
    have = set(chosen)
    if "full_name" in have and have & {"family_name", "given_name"}:
        return "The name comes twice: choose one column for the whole name, or one for each of its parts"
    names = {"full_name"} if "full_name" in have else {"family_name", "given_name"}
    missing = [spec.label for name, spec in FIELDS.items() if name in (names | {"mrn", "born_on"}) - have]
    if missing:
        return f"No column gives: {', '.join(missing)}. Choose one for each"
    if "payer" not in have and have & {"plan_name", "member_id", "coverage_on"}:
        return "Plan, member number and the day of coverage need the payer. Choose its column, or leave these out"
    return None
