"""What a new practice still has to do before its first claim, for its administrator. Each line goes when it is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts.identities import identity_on
from accounts.models import Membership, PolicySetting, Practice
from accounts.permissions import Role
from patients.models import DeviceAssignment, Enrollment
from payers.models import Payer
from staff.selectors import invited
from timelogs.models import Status, TimeEntry

# Without one of each no month can be worked, ordered and billed; a lead nurse is a nurse too.
NEEDED = (
    ({Role.NURSE, Role.LEAD_NURSE}, "a nurse"),
    ({Role.QHP}, "a physician, NP or PA"),
    ({Role.BILLER}, "a biller"),
)
IDENTITY = {"tax_id": "tax id", "taxonomy": "taxonomy code", "address": "street", "zip_code": "ZIP+4"}


@dataclass(frozen=True, slots=True)
class Step:
    """What is missing, in a sentence; where to do it (`url`, empty if it is another role's work)."""

    title: str
    missing: str
    url: str = ""
    button: str = ""


def set_up_steps(practice: Practice) -> list[Step]:
    """In the order in which they are done. Asks whether rows exist, and counts none."""
    return [
        *_identity(practice),
        *_people(practice),
        *_payers(practice),
        *_policies(practice),
        *_work(practice),
    ]


def _identity(practice) -> Iterator[Step]:
    now = identity_on(practice, practice.today())
    missing = [words for field, words in IDENTITY.items() if not getattr(now, field)]
    if missing:
        sentence = f"Claims need {_and(missing)}."
        yield Step(
            "Identity",
            sentence,
            f"{reverse('billing:identity')}?starts_on={now.starts_on}",
            "Complete the identity",
        )


def _people(practice) -> Iterator[Step]:
    roles = set(Membership.objects.for_practice(practice).on(practice.today()).values_list("role", flat=True))
    missing = [words for those, words in NEEDED if not roles & those]
    if not missing:
        return
    waiting = invited(practice, timezone.now()).count()
    asked = f" {waiting} invitation{'' if waiting == 1 else 's'} not yet accepted." if waiting else ""
    yield Step(
        "People",
        f"Nobody works here yet as {_or(missing)}.{asked}",
        reverse("staff:invite"),
        "Invite a person",
    )


def _payers(practice) -> Iterator[Step]:
    if not Payer.objects.for_practice(practice).filter(retired=False).exists():
        sentence = "No payer yet. Without one, no patient’s coverage can be recorded and no claim is billed."
        yield Step("Payers", sentence, reverse("payers:payers"), "Add the payers")


def _policies(practice) -> Iterator[Step]:
    if not PolicySetting.objects.for_practice(practice).filter(key="close_day").exists():
        sentence = (
            "Every policy stands at its default. Read them, and choose the day on which a month closes."
        )
        url = reverse("billing:policy_change", args=["close_day"])
        yield Step("Policies", sentence, url, "Choose the close day")


def _work(practice) -> Iterator[Step]:
    if not Enrollment.objects.for_practice(practice).exists():
        yield Step(
            "Patients",
            "No patient is enrolled. A nurse or a physician enrolls the first one, under Caseload, "
            "or brings in a file of patients there.",
        )
    if not DeviceAssignment.objects.for_practice(practice).exists():
        yield Step(
            "Devices", "No patient has a device. It is given on the patient’s chart, under Enrollment."
        )
    if not TimeEntry.objects.for_practice(practice).filter(status=Status.SIGNED).exists():
        yield Step("First session", "No session is signed. A nurse starts one on a patient’s chart.")


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _or(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
