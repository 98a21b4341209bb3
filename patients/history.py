"""How the histories of patients, their permissions and devices are shown."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from accounts.permissions import Permission
from audit.registry import Names, People, present, present_people
from patients import selectors
from patients.models import (
    Attachment,
    CarePlan,
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    Merge,
    OfficeVisit,
    Order,
    OtherService,
    Patient,
    PatientSite,
    RangeTemplate,
    SignatureRequest,
    Site,
    SurgicalGlobal,
    TargetRange,
    TwoPeople,
)

CHART = Permission.CHART_VIEW


def _day(value: date) -> str:
    return f"{value:%d-%b-%Y}"


def names(practice, ids: Iterable[UUID]) -> dict[UUID, str]:
    return {person.pk: str(person) for person in Patient.objects.for_practice(practice).filter(pk__in=ids)}


def find(practice, text: str) -> list[UUID]:
    """As everywhere, with the records that were merged into theirs; at most so many as a list is narrowed to."""
    ids = list(selectors.find(practice, text).values_list("pk", flat=True)[:50])
    merged = Merge.objects.for_practice(practice).standing().filter(remaining__in=ids)
    return [*ids, *merged.values_list("duplicate", flat=True)][:100]


def _device(row, names: Names) -> str:
    return names.get((Device, row.device_id), "")


present_people(People(Patient, names, find))
present(Patient, label="Patient", needs=CHART, name=lambda row, names: f"MRN {row.mrn}")
present(Coverage, label="Coverage", needs=CHART, name=lambda row, names: row.plan_name)
present(Enrollment, label="Enrollment", needs=CHART, name=lambda row, names: f"from {_day(row.started_on)}")
present(Diagnosis, label="Diagnosis", needs=CHART, name=lambda row, names: row.code)
present(Site, label="Site", needs=Permission.SETTINGS_VIEW, name=lambda row, names: row.name)
present(
    PatientSite,
    label="Site of a patient",
    needs=CHART,
    name=lambda row, names: f"{names.get((Site, row.site_id), 'Site')} from {_day(row.starts_on)}",
)
present(Consent, label="Consent", needs=CHART, name=lambda row, names: f"of {_day(row.given_on)}")
present(Attachment, label="Paper", needs=CHART, name=lambda row, names: row.title)
present(
    SignatureRequest,
    label="Request for a signature",
    needs=CHART,
    name=lambda row, names: row.get_kind_display(),
    labels={"session_id": "session that caused it"},
)
present(Order, label="Order", needs=CHART, name=lambda row, names: f"of {_day(row.signed_on)}")
present(
    CarePlan,
    label="Care plan",
    needs=CHART,
    name=lambda row, names: f"version {row.number}",
    labels={"session_id": "session that caused it"},
)
present(Device, label="Device", needs=CHART, name=lambda row, names: f"{row.get_kind_display()} {row.serial}")
present(DeviceAssignment, label="Device given", needs=CHART, name=_device)
present(TargetRange, label="Target range", needs=CHART, name=lambda row, names: row.get_measure_display())
present(
    RangeTemplate,
    label="Template of ranges",
    needs=Permission.RANGE_TEMPLATES,
    name=lambda row, names: f"{row.name}, {row.get_measure_display().lower()}",
)
present(OfficeVisit, label="Office visit", needs=CHART, name=lambda row, names: _day(row.visited_on))
present(
    OtherService,
    label="Other service",
    needs=CHART,
    name=lambda row, names: f"{row.code} of {_day(row.service_on)}",
)
present(
    SurgicalGlobal,
    label="Surgical period",
    needs=CHART,
    name=lambda row, names: f"{row.procedure_code} from {_day(row.starts_on)}",
    labels={"attested_by": "Attested by", "attested_on": "Attested on"},
)
present(
    InstitutionStay,
    label="Stay",
    needs=CHART,
    name=lambda row, names: f"{row.get_kind_display()} from {_day(row.admitted_on)}",
)
present(
    Merge,
    label="Merge of two records",
    needs=CHART,
    name=lambda row, names: f"of {_day(row.merged_at)}",
    patients=("duplicate", "remaining"),
)
present(
    TwoPeople,
    label="Two people, not one",
    needs=CHART,
    name=lambda row, names: f"of {_day(row.decided_at)}",
    patients=("one", "other"),
)
