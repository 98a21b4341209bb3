"""Who works here, who is invited, who left; and when each was here last."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Membership
from accounts.permissions import ROLES, Permission, Role
from audit.models import SignInEvent, SignInKind
from authentication.selectors import has_second_factor
from staff.models import Invitation

# Who has not signed in for so long is asked about: does she still work here?
STALE = timedelta(days=30)
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RoleWords:
    """A role with what it is for and, in verbs, what it may do."""

    role: Role
    purpose: str
    may: tuple[str, ...]


def working(practice, at: datetime) -> QuerySet[Membership]:
    """Roles in effect, and those to come, by name; each with `last_sign_in` and `supervisor_here`."""
    rows = (
        Membership.objects.for_practice(practice).not_over(at).annotate(supervisor_here=_supervisor_here(at))
    )
    return _with_last_sign_in(rows).order_by("user__name", "starts_on", "pk")


def left(practice, at: datetime) -> QuerySet[Membership]:
    """Roles that ended, the newest end first; also those taken back before they began."""
    rows = Membership.objects.for_practice(practice)
    rows = rows.exclude(pk__in=rows.not_over(at).values("pk"))
    return _with_last_sign_in(rows).order_by("-ends_on", "user__name", "pk")


def _supervisor_here(at: datetime) -> Exists:
    """Whether the supervisor is a physician, NP or PA here today, under whatever credential."""
    rows = Membership.objects.filter(
        practice=OuterRef("practice"), user=OuterRef("supervised_by__user"), role=Role.QHP
    )
    return Exists(rows.at(at))


def ended_lately(at: datetime) -> QuerySet[Membership]:
    """Roles of all practices that ended within a week, in which a worker that stood still is noticed."""
    rows = Membership.objects.filter(
        ends_on__gt=at.date() - LATELY, ends_on__lte=at.date() + timedelta(days=1)
    )
    return rows.exclude(pk__in=rows.not_over(at)).select_related("user", "practice").order_by("pk")


def clinicians(practice, at: datetime) -> QuerySet[Membership]:
    """Who may supervise: physicians, NPs and PAs who work here today, by name."""
    rows = Membership.objects.for_practice(practice).filter(role=Role.QHP).at(at)
    return rows.select_related("user").order_by("user__name", "pk")


def invited(practice, at: datetime) -> QuerySet[Invitation]:
    """Open invitations, whose link may be dead meanwhile, by name; each with `supervisor_here`."""
    rows = Invitation.objects.for_practice(practice).filter(accepted_at=None, withdrawn_at=None)
    rows = rows.annotate(supervisor_here=_supervisor_here(at))
    return rows.select_related("invited_by__user", "supervised_by__user").order_by("name", "pk")


def _with_last_sign_in(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    events = SignInEvent.objects.filter(
        actor_id=OuterRef("user_id"), practice=OuterRef("practice"), kind=SignInKind.SIGNED_IN
    )
    return rows.select_related("user", "practice", "supervised_by__user").annotate(
        second_factor=has_second_factor(), last_sign_in=Subquery(events.order_by("-at").values("at")[:1])
    )


def is_stale(last_sign_in: datetime | None, starts_on: date, *, at: datetime, today: date) -> bool:
    """Not here for 30 days, or never since she began so long ago."""
    if last_sign_in is not None:
        return last_sign_in <= at - STALE
    return starts_on <= today - STALE


def roles_in_words() -> list[RoleWords]:
    """What each role is for and may do, from the same table as the code's."""
    return [
        RoleWords(role, spec.purpose, tuple(str(p) for p in Permission if p in spec.may))
        for role, spec in ROLES.items()
    ]


def permissions_by_role() -> list[tuple[str, list[bool]]]:
    """(what it allows, for each role whether it may)."""
    return [(str(p), [p in spec.may for spec in ROLES.values()]) for p in Permission]
