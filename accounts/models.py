"""People, practices, who works where in which role since when, and the practice's policies as dated rows."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import DateField, DateTimeField, F, Func, Q, Value
from django.db.models.functions import Cast, Lower
from django.utils import timezone

from accounts.permissions import Role
from foundation.lengths import REASON
from foundation.tracked import History, TrackedModel, TrackedQuerySet, TrackedRow


class UserManager(BaseUserManager.from_queryset(TrackedQuerySet)):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)


class User(AbstractBaseUser, TrackedRow):
    """A person, known by e-mail, in however many practices. Deactivated, never deleted."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    # Sign-ins are rows of the access log; without this field Django does not touch the user at each of them.
    last_login = None

    history = History(excluded_fields=["password"])
    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="email_in_lower_case")]

    def __str__(self):
        return self.name

    def get_short_name(self):
        return self.name

    get_full_name = get_short_name


class Practice(TrackedModel):
    """The billing provider, and the tenant: everything else belongs to one. Who it is on claims is dated."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=40, default="America/New_York")

    def __str__(self):
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self, at=None):
        """The date on the practice's calendar at that moment."""
        return (at or timezone.now()).astimezone(self.tz).date()


class PracticeModel(TrackedModel):
    """A tracked row that belongs to one practice."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def has_two_letters(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(state="") | Q(state__regex=r"^[A-Z]{2}$"), name=name)


def has_nine_digits(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(zip_code="") | Q(zip_code__regex=r"^[0-9]{5}-[0-9]{4}$"), name=name
    )


class PracticeIdentity(PracticeModel):
    """Who the practice is on its claims from a day on, until the next row's. Before the first row, the first counts."""

    starts_on = models.DateField()
    name = models.CharField(max_length=120)
    npi = models.CharField("NPI", max_length=10)
    tax_id = models.CharField("tax id", max_length=10, blank=True)
    taxonomy = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip_code = models.CharField("ZIP", max_length=10, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    why = models.TextField(max_length=REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "starts_on"], name="one_identity_per_start"),
            models.CheckConstraint(condition=Q(why__regex=r"\S"), name="identity_says_why"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="identity_has_a_name"),
            models.CheckConstraint(condition=Q(npi__regex=r"^[0-9]{10}$"), name="npi_has_ten_digits"),
            models.CheckConstraint(
                condition=Q(tax_id="") | Q(tax_id__regex=r"^[0-9]{2}-[0-9]{7}$"),
                name="tax_id_has_nine_digits",
            ),
            models.CheckConstraint(
                condition=Q(taxonomy="") | Q(taxonomy__regex=r"^[0-9]{3}[0-9A-Z]{6}X$"),
                name="taxonomy_has_its_shape",
            ),
            has_two_letters("state_has_two_letters"),
            has_nine_digits("zip_code_has_nine_digits"),
        ]


# What the identity says, in the order of its form.
IDENTITY = ("name", "npi", "tax_id", "taxonomy", "address", "city", "state", "zip_code", "phone")


class AlertEmails(models.TextChoices):
    DAILY = "daily", "Once a day, together"
    AT_ONCE = "at_once", "Each at once"


class Preferences(TrackedModel):
    """What one person chose for herself, in whatever practice. Without a row everything is as usual."""

    user = models.OneToOneField(User, models.PROTECT, related_name="preferences")
    clock_on_chart = models.BooleanField("opening a chart starts the clock", default=False)
    video_room = models.URLField("video room", max_length=200, blank=True)
    alert_emails = models.CharField(
        "e-mails of alerts", max_length=8, choices=AlertEmails, default=AlertEmails.DAILY
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(alert_emails__in=AlertEmails.values), name="alert_emails_are_chosen"
            ),
            models.CheckConstraint(
                condition=Q(video_room="") | Q(video_room__startswith="https://"),
                name="video_room_is_encrypted",
            ),
        ]


class DateRange(Func):
    """`daterange(starts_on, ends_on, '[)')`, open where the end is unknown."""

    function = "daterange"
    output_field = DateRangeField()


def during(start: str = "starts_on", end: str = "ends_on") -> DateRange:
    return DateRange(F(start), F(end), RangeBoundary())


class StaffKind(models.TextChoices):
    CLINICAL_STAFF = "clinical_staff", "Clinical staff"
    QHP = "qhp", "Physician or other qualified professional"
    NONE = "none", "Not clinical"


# The roles that log time, and as whose work it counts.
_KINDS = {
    Role.NURSE: StaffKind.CLINICAL_STAFF,
    Role.LEAD_NURSE: StaffKind.CLINICAL_STAFF,
    Role.QHP: StaffKind.QHP,
}
LOGS_TIME = tuple(str(role) for role in _KINDS)
# Who works under a physician's, NP's or PA's supervision. Of the practice's own people the enrollment says whose.
SUPERVISED = tuple(str(role) for role, kind in _KINDS.items() if kind == StaffKind.CLINICAL_STAFF)


def supervised_where_outsourced(name: str) -> models.CheckConstraint:
    """Clinical staff of another employer has a supervisor here; the practice's own people name none."""
    own = Q(employer="", supervised_by=None)
    outsourced = ~Q(employer="") & (Q(supervised_by__isnull=False) | ~Q(role__in=SUPERVISED))
    return models.CheckConstraint(condition=own | outsourced, name=name)


def staff_kind_of(role: str) -> StaffKind:
    return _KINDS.get(Role(role), StaffKind.NONE)


class MembershipQuerySet(TrackedQuerySet):
    def on(self, day):
        """Memberships in effect on a date."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)

    def at(self, moment):
        """Memberships in effect at a moment, each by the calendar of its practice."""
        return self._with_day(moment).on(F("day"))

    def not_over(self, moment):
        """Those in effect at a moment and those to come; not what was taken back before it began."""
        rows = self._with_day(moment)
        return rows.filter(Q(ends_on=None) | Q(ends_on__gt=F("day")) & Q(ends_on__gt=F("starts_on")))

    def _with_day(self, moment):
        local = Func(F("practice__time_zone"), Value(moment, DateTimeField()), function="timezone")
        return self.alias(day=Cast(local, DateField()))


class Membership(PracticeModel):
    """Who works in which practice, in which role and with which credential, from when until when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    credential = models.CharField(max_length=20, blank=True, help_text="RN, LPN, MA, MD, NP, PA …")
    staff_kind = models.CharField(max_length=20, choices=StaffKind)
    npi = models.CharField("NPI", max_length=10, blank=True)
    employer = models.CharField(max_length=120, blank=True, help_text="Empty: the practice itself.")
    supervised_by = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    # The emergency that gives her charts in this request, set by the floor that knows of it. No column.
    emergency: Any = None

    class Meta:
        constraints = [
            models.CheckConstraint(
                # On the same day where it was ended before it began.
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=[Role.NURSE, Role.LEAD_NURSE, Role.QHP])
                | ~Q(staff_kind=StaffKind.NONE),
                name="who_logs_time_has_a_staff_kind",
            ),
            # Time without a credential beside the name is disregarded by reviewers.
            models.CheckConstraint(
                condition=~Q(role__in=[Role.NURSE, Role.LEAD_NURSE, Role.QHP]) | ~Q(credential=""),
                name="who_logs_time_has_a_credential",
            ),
            supervised_where_outsourced("outsourced_staff_is_supervised"),
            ExclusionConstraint(
                name="one_role_at_a_time_per_practice",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("practice", RangeOperators.EQUAL),
                    (during(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.user.name}, {self.credential}" if self.credential else self.user.name

    @property
    def label(self) -> str:
        """The name under what this person signs: name, credential."""
        return str(self)


# The policies that are looked up for a claim's payer; the others hold for the whole practice.
PER_PAYER = (
    "unit_limit_99458",
    "live_contact_per_unit",
    "live_chat_counts",
    "dual_99091",
    "device_days",
    "setup_min_days",
    "codes_not_covered",
    "covered_diagnoses",
)


class PolicySetting(PracticeModel):
    """One policy of a practice from a date on, for one payer or (slug empty) for all. The latest row counts.

    `as_practice` ends a payer's own value: from that date on the practice's counts for it again.
    """

    payer = models.SlugField(blank=True)
    key = models.CharField(max_length=40)
    value = models.JSONField()
    as_practice = models.BooleanField(default=False)
    starts_on = models.DateField()
    why = models.TextField(max_length=REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "payer", "key", "starts_on"], name="one_policy_value_per_start"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="policy_says_why"),
            models.CheckConstraint(
                condition=Q(payer="") | Q(key__in=PER_PAYER), name="a_payers_policy_is_read_per_payer"
            ),
            models.CheckConstraint(
                condition=Q(as_practice=False) | (~Q(payer="") & Q(value=None)),
                name="only_a_payers_own_policy_ends",
            ),
        ]
