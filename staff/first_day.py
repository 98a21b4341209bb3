"""A server's first practice: opened once, by who reads the set-up code on the server itself."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.text import slugify

from accounts.models import Membership, StaffKind, User
from accounts.permissions import Role
from accounts.practices import is_empty, open_practice
from foundation.context import ActorKind, acting
from foundation.practice_scope import every_practice
from foundation.refusals import refuse_if

_LOCK = 0x52504D31  # any number of our own; two browsers that set up at once wait for each other here


@dataclass(frozen=True, slots=True)
class FirstPractice:
    """What the first page asks: the practice, and who runs it."""

    practice_name: str
    npi: str
    time_zone: str
    name: str
    email: str
    password: str


def set_up_code() -> str:
    """Twelve signs that `manage.py practice` prints: who can read them has the server. Another secret, another code."""
    mark = salted_hmac("staff.first_day", "first practice", secret=settings.SECRET_KEY).hexdigest()[:12]
    return "-".join(mark[at : at + 4] for at in range(0, 12, 4))


def is_code(text: str) -> bool:
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    return constant_time_compare(plain, set_up_code().replace("-", ""))


def why_not_first() -> str | None:
    return None if is_empty() else "This server has its practice already. Sign in, or ask its administrator."


@transaction.atomic
def open_first_practice(given: FirstPractice, *, at: datetime) -> Membership:
    """The practice and its first administrator. Raises Refused where there is one: of two at once, one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    refuse_if(why_not_first())
    user = User(email=given.email.lower(), name=given.name)
    signed = acting(given.name, kind=ActorKind.PERSON, actor_id=user.pk, reason="opened the practice")
    with signed, every_practice():
        user.set_password(given.password)
        user.save()
        practice = open_practice(
            name=given.practice_name,
            slug=slugify(given.practice_name)[:50] or "practice",
            npi=given.npi,
            time_zone=given.time_zone,
        )
        member = Membership(
            practice=practice,
            user=user,
            role=Role.ADMINISTRATOR,
            staff_kind=StaffKind.NONE,
            starts_on=practice.today(at),
        )
        member.save()
    return member
