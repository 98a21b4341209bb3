"""Finding patients, and what stood for them on a day."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, Func, Q, QuerySet, TextField, When

from accounts.models import Membership
from accounts.permissions import ROLES, Permission, Role
from patients.merges import in_use
from patients.models import (
    CarePlan,
    Consent,
    Coverage,
    Enrollment,
    Merge,
    Patient,
    RequestState,
    SignatureRequest,
    SignedPaper,
    TargetRange,
)

_DATES = ("%Y-%m-%d", "%d-%b-%Y", "%d-%B-%Y", "%b-%d-%Y", "%B-%d-%Y", "%m/%d/%Y", "%m-%d-%Y")


def parse_birth_date(text: str) -> date | None:
    """`1948-05-12`, `12-May-1948`, `12 May 1948`, `May 12, 1948`, `5/12/1948`, `5-12-1948`; None if it is no date."""
    tidy = "-".join(re.sub("[-,]", " ", text).split())
    for form in _DATES:
        try:
            return datetime.strptime(tidy, form).date()
        except ValueError:
            continue
    return None


class Plain(Func):
    """Names and MRN in small letters without accents. No index can serve it under the practices' policies, whose check
    comes first: a search reads the patients of its practice, 20 ms for 10,000."""

    function, output_field = "patients_plain", TextField()


def plain(text: str) -> str:
    """As `Plain` has it."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def find(practice, text: str) -> QuerySet[Patient]:
    """The one finder: patients by date of birth, or by words that each are part of a name or the MRN, in any order and
    without regard to accents, or the date of birth in one word. Empty text finds everybody.

    A record that was merged into another is found as that one: by its own name, MRN and date of birth too.
    """
    text = text.replace("\x00", "").strip()[:100]
    rows = in_use(Patient.objects.for_practice(practice)).order_by("family_name", "given_name", "pk")
    rows = rows.annotate(plain=Plain("family_name", "given_name", "mrn"))
    if not text:
        return rows
    merged = Merge.objects.for_practice(practice).standing()
    names = ("duplicate__family_name", "duplicate__given_name", "duplicate__mrn")
    merged = merged.annotate(plain=Plain(*names)).filter(_fits(text, "duplicate__"))
    return rows.filter(_fits(text) | Q(pk__in=merged.values("remaining")))


def _fits(text: str, of: str = "") -> Q:
    """The whole text is a date of birth, or each word is one or a part of `plain`."""
    if born_on := parse_birth_date(text):
        return Q(**{f"{of}born_on": born_on})
    fits = Q()
    for word in text.replace(",", " ").split():
        born_on = parse_birth_date(word)
        fits &= Q(**{f"{of}born_on": born_on}) if born_on else Q(plain__contains=plain(word))
    return fits


def begins_first(found: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Those whose name or MRN begins with the text's first word, before those that only hold it: Ames before James."""
    word = text.replace("\x00", "").replace(",", " ").strip().partition(" ")[0]
    begins = Q(family_name__istartswith=word) | Q(given_name__istartswith=word) | Q(mrn__istartswith=word)
    return found.order_by(Case(When(begins, then=0), default=1), "family_name", "given_name", "pk")


def same_person(practice, *, family_name: str, given_name: str, born_on: date) -> QuerySet[Patient]:
    """Patients already here under this name and date of birth, of their own or of a record merged into theirs."""
    said = {"family_name__iexact": family_name.strip(), "given_name__iexact": given_name.strip()}
    said["born_on"] = born_on
    merged = Merge.objects.for_practice(practice).standing()
    merged = merged.filter(**{f"duplicate__{name}": value for name, value in said.items()})
    rows = in_use(Patient.objects.for_practice(practice))
    return rows.filter(Q(**said) | Q(pk__in=merged.values("remaining")))


def in_force(day: date, start: str = "starts_on", end: str = "ends_on") -> Q:
    """Rows whose half-open `[start, end)` holds the day."""
    return Q(**{f"{start}__lte": day}) & (Q(**{end: None}) | Q(**{f"{end}__gt": day}))


def signers_gone(practice, papers: Iterable[SignedPaper], on: date) -> set[int]:
    """Of those who signed these papers, by user, who can withdraw none here on the day: left, or in another role."""
    users = {paper.signed_by.user_id for paper in papers}
    roles = [role for role in Role if Permission.PATIENT_ENROLL in ROLES[role].may]
    here = Membership.objects.for_practice(practice).on(on).filter(user__in=users, role__in=roles)
    return users - set(here.filter(user__is_active=True).values_list("user_id", flat=True))


def coverage_on(patient: Patient, day: date) -> Coverage | None:
    return Coverage.objects.for_practice(patient.practice).filter(in_force(day), patient=patient).first()


def enrollment_on(patient: Patient, day: date) -> Enrollment | None:
    rows = Enrollment.objects.for_practice(patient.practice).filter(patient=patient)
    rows = rows.filter(in_force(day, "started_on", "ended_on"))
    return rows.select_related("ordering__user", "supervising__user").first()


def latest_enrollment(patient: Patient) -> Enrollment | None:
    """The enrollment in effect, or the one that comes or came last; the chart of a patient who left still has one."""
    rows = Enrollment.objects.for_practice(patient.practice).filter(patient=patient)
    return rows.select_related("ordering__user", "supervising__user").order_by("-started_on").first()


def enrolled(practice, day: date, patient_ids: Iterable[UUID] | None = None) -> dict[UUID, Enrollment]:
    """{patient: enrollment in effect on the day}, in one query."""
    rows = Enrollment.objects.for_practice(practice).filter(in_force(day, "started_on", "ended_on"))
    if patient_ids is not None:
        rows = rows.filter(patient_id__in=list(patient_ids))
    return {row.patient_id: row for row in rows}


def consent_on(patient: Patient, day: date) -> Consent | None:
    """The consent that stood on the day: given by then, and not revoked by then."""
    rows = Consent.objects.for_practice(patient.practice).filter(patient=patient, given_on__lte=day)
    return rows.filter(Q(revoked_on=None) | Q(revoked_on__gt=day)).order_by("-given_on").first()


def papers_waiting(patient: Patient):
    """Orders and plans of the patient that wait for a signature, or came back unsigned, the newest first."""
    rows = SignatureRequest.objects.for_practice(patient.practice).filter(enrollment__patient=patient)
    open_ones = rows.filter(state__in=[RequestState.WAITING, RequestState.RETURNED])
    return open_ones.select_related("asked_of__user", "asked_by__user").order_by("-asked_at")


def care_plan_on(enrollment: Enrollment, day: date) -> CarePlan | None:
    """The plan version in effect on the day, the highest number where two began the same day."""
    return _plans_on(enrollment.practice_id, [enrollment.pk], day).first()


def plan_to_come(enrollment: Enrollment, day: date) -> CarePlan | None:
    """The next version that is signed and begins after the day."""
    rows = CarePlan.objects.for_practice(enrollment.practice_id).standing()
    rows = rows.filter(enrollment=enrollment, effective_on__gt=day)
    return rows.order_by("effective_on", "-number").first()


def plan_number_on(enrollment: Enrollment, day: date) -> int:
    """Of the version in effect on the day; 0 without one."""
    plan = care_plan_on(enrollment, day)
    return plan.number if plan else 0


def care_plans_on(practice, enrollment_ids: Iterable[UUID], day: date) -> dict[UUID, UUID]:
    """{enrollment: key of the plan version in effect on the day}, in one query."""
    rows = _plans_on(practice, enrollment_ids, day)
    return dict(rows.values_list("enrollment_id", "pk"))


def _plans_on(practice, enrollment_ids: Iterable[UUID], day: date):
    rows = CarePlan.objects.for_practice(practice).standing()
    rows = rows.filter(enrollment__in=list(enrollment_ids), effective_on__lte=day)
    return rows.order_by("enrollment_id", "-effective_on", "-number").distinct("enrollment_id")


def plan_before(paper: CarePlan | SignatureRequest) -> CarePlan | None:
    """The version before a version, or before the one that a request would become or became."""
    rows = CarePlan.objects.for_practice(paper.practice_id).standing().filter(enrollment=paper.enrollment_id)
    plan = paper if isinstance(paper, CarePlan) else paper.care_plan
    if plan is not None:
        rows = rows.filter(number__lt=plan.number)
    return rows.order_by("-number").first()


def ranges_on(patient: Patient, day: date) -> list[TargetRange]:
    """What is in range for the patient on the day."""
    return list(TargetRange.objects.for_practice(patient.practice).filter(in_force(day), patient=patient))
