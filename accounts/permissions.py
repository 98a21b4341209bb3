"""Who may: what each role is for and what it may do, as data that a compliance officer can read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices


class Permission(StrEnum):
    CHART_VIEW = "see charts, readings and sessions"
    CHART_EMERGENCY = "open charts in an emergency, for four hours and with a reason"
    HISTORY_RECORD = "see the history of a record one may see"
    PATIENT_ENROLL = "enroll patients; consent, orders, devices, care plans, stays"
    RECORDS_MERGE = "merge two records of one person, and undo it"
    COVERAGE_EDIT = "change a patient's coverage; other services, surgical periods"
    RANGE_TEMPLATES = "keep the templates of target ranges"
    READINGS_IMPORT = "import device readings"
    TIME_LOG = "log, sign, amend and void one's own time, and add to signed sessions"
    TIME_APPROVE = "approve late or raised time of others, and decide where two worked at once"
    ESCALATION_WORK = "escalate; acknowledge, refer and resolve escalations"
    CLINICIAN_ANSWER = "answer escalations, sign orders and plans"
    ESCALATION_REPORT = "see what escalations led to"
    TIME_REPORTS = "see reports of people's time and of whom calls reach"
    PROGRAM_REPORTS = "see reports by code and month"
    INBOX = "read one's inbox"
    MONTH_VIEW = "see the month board, the queue and claims"
    MONTH_CLOSE = "close a month"
    MONTH_REOPEN = "reopen a closed month"
    CLAIM_REVIEW = "hold and approve claims"
    CLAIM_EXPORT = "export claims"
    DUTIES_VIEW = "see who did more than one duty for a patient's month"
    HISTORY_ALL = "browse the history of every record"
    SETTINGS_EDIT = "change users, roles, settings and policies"
    SETTINGS_VIEW = "see settings and policies"
    INTEGRATIONS_VIEW = "see which programs come in by which token"
    QUEUES = "see the queues of work, and have failed work done again"
    OWN_ACCOUNT = "use one's own account"


class Role(TextChoices):
    NURSE = "nurse", "Nurse"
    LEAD_NURSE = "lead_nurse", "Lead nurse"
    QHP = "qhp", "Physician, NP or PA"
    BILLER = "biller", "Biller"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """What a role is for, in a sentence, and everything it may do. What is not listed it may not do."""

    purpose: str
    may: frozenset[Permission]


P = Permission
_EVERYONE = frozenset({P.OWN_ACCOUNT})
_CARE = _EVERYONE | {
    P.CHART_VIEW,
    P.HISTORY_RECORD,
    P.PATIENT_ENROLL,
    P.COVERAGE_EDIT,
    P.READINGS_IMPORT,
    P.TIME_LOG,
    P.ESCALATION_WORK,
    P.INBOX,
}

ROLES: dict[Role, RoleSpec] = {
    Role.NURSE: RoleSpec("Cares for patients: logs and signs her own time. Sees no money.", _CARE),
    Role.LEAD_NURSE: RoleSpec(
        "A nurse who also approves late or raised time of others, never her own.",
        _CARE | {P.TIME_APPROVE, P.RECORDS_MERGE, P.ESCALATION_REPORT, P.TIME_REPORTS},
    ),
    Role.QHP: RoleSpec(
        "A physician, NP or PA: a nurse's rights, and answers escalations and signs orders and plans.",
        _CARE | {P.TIME_APPROVE, P.CLINICIAN_ANSWER, P.RANGE_TEMPLATES, P.ESCALATION_REPORT},
    ),
    Role.BILLER: RoleSpec(
        "Closes months, reviews, holds, approves and exports claims. Cannot change time.",
        _EVERYONE
        | {P.CHART_VIEW, P.HISTORY_RECORD, P.COVERAGE_EDIT, P.INBOX}
        | {P.MONTH_VIEW, P.MONTH_CLOSE, P.CLAIM_REVIEW, P.CLAIM_EXPORT, P.DUTIES_VIEW, P.SETTINGS_VIEW}
        | {P.TIME_REPORTS, P.PROGRAM_REPORTS},
    ),
    Role.AUDITOR: RoleSpec(
        "Reads everything of the practice and its history. Cannot change anything.",
        _EVERYONE
        | {P.CHART_VIEW, P.HISTORY_RECORD, P.HISTORY_ALL, P.MONTH_VIEW, P.DUTIES_VIEW, P.SETTINGS_VIEW}
        | {P.INTEGRATIONS_VIEW, P.ESCALATION_REPORT, P.TIME_REPORTS, P.PROGRAM_REPORTS},
    ),
    Role.ADMINISTRATOR: RoleSpec(
        "Runs the practice's users, roles, settings and policies; reopens months. Sees no chart, but in an emergency.",
        _EVERYONE
        | {P.CHART_EMERGENCY, P.INBOX, P.SETTINGS_EDIT, P.SETTINGS_VIEW, P.MONTH_REOPEN, P.DUTIES_VIEW}
        | {P.INTEGRATIONS_VIEW, P.RECORDS_MERGE, P.RANGE_TEMPLATES, P.ESCALATION_REPORT}
        | {P.TIME_REPORTS, P.PROGRAM_REPORTS, P.QUEUES},
    ),
}


# What an emergency adds to a role that may open one: to read, never to write.
IN_EMERGENCY = frozenset({P.CHART_VIEW})


def may(membership, permission: Permission) -> bool:
    """Whether this membership's role holds the permission, or an emergency that she opened gives it for a while.

    Nobody without a membership may anything.
    """
    if membership is None:
        return False
    return permission in ROLES[Role(membership.role)].may or (
        membership.emergency is not None and permission in IN_EMERGENCY
    )


def roles_that_may(*permissions: Permission) -> list[Role]:
    """The roles that hold every one of these permissions."""
    return [role for role, spec in ROLES.items() if spec.may.issuperset(permissions)]


def requires(permission: Permission) -> Callable:
    """Marks a view with the permission it needs, and enforces it: 403 for the wrong role."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not may(request.membership, permission):
                role = Role(request.membership.role).label.lower() if request.membership else "no role here"
                raise PermissionDenied(f"Your role ({role}) cannot {permission}.")
            return view(request, *args, **kwargs)

        guarded.requires = permission
        return guarded

    return decorate


def signed_in(view):
    """Marks a view that every signed-in person may use, with or without a role here today: leaving, above all."""
    view.requires = Permission.OWN_ACCOUNT
    return view


def public(view):
    """Marks a view that anybody may open, signed in or not."""
    view.requires = None
    view.public = True
    view.login_required = False
    return view
