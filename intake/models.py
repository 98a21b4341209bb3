"""Patients who come from another system: an import, its rows for as long as it is open, and whom it brought.

The rows of an open import are names and numbers of people whom nobody has taken in yet. They have no history and are
deleted when the import ends; what stays is counts, the file's digest, who, when, and a link from each patient.
"""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from patients.models import Patient


class Source(models.TextChoices):
    """Where the rows come from. Whatever the source, a row becomes a `Candidate`, is matched and decided alike."""

    CSV = "csv", "CSV file"
    FHIR = "fhir", "FHIR request"
    HL7 = "hl7", "HL7 message"

    @property
    def in_words(self) -> str:
        return f"an {self.label}" if self == Source.HL7 else f"a {self.label}"


class State(models.TextChoices):
    COLUMNS = "columns", "Columns to choose"
    CHECKING = "checking", "To be checked"
    TAKING = "taking", "Being taken in"
    DONE = "done", "Done"
    DISCARDED = "discarded", "Discarded"
    EXPIRED = "expired", "Expired"
    REPLACED = "replaced", "Replaced by a newer message"


OPEN = (State.COLUMNS, State.CHECKING, State.TAKING)


class PatientImport(PracticeModel):
    """One file of patients, or one message about one. Of its rows, once it has ended, only what became of how many.

    `sender`: the system that sent a message, as the practice calls it. Nobody opened that.
    """

    source = models.CharField(max_length=10, choices=Source)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.COLUMNS)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField("new patients", default=0)
    changed = models.PositiveIntegerField("patients changed", default=0)
    kept = models.PositiveIntegerField("kept as they were", default=0)
    same = models.PositiveIntegerField("already here", default=0)
    left_out = models.PositiveIntegerField("left out", default=0)
    sender = models.CharField(max_length=120, blank=True)
    opened_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField()
    taken_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(state__in=OPEN, source=Source.CSV),
                name="one_open_import_of_patients",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.CSV, sender="", opened_by__isnull=False)
                | (~Q(source=Source.CSV) & ~Q(sender="") & Q(opened_by=None, rows=1)),
                name="import_of_patients_from_whom",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at=None) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="import_of_patients_ended_when",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(rows=F("created") + F("changed") + F("kept") + F("same") + F("left_out")),
                name="ended_import_of_patients_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "-opened_at"]),
            models.Index(fields=["practice"], condition=Q(state__in=OPEN), name="open_imports_of_patients"),
        ]

    def __str__(self):
        return f"{self.get_source_display()} of {self.opened_at:%d-%b-%Y}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_file(self) -> bool:
        return self.source == Source.CSV

    @property
    def came_from(self) -> str:
        """`a CSV file`, `an HL7 message from Riverbend EHR`"""
        words = Source(self.source).in_words
        return f"{words} from {self.sender}" if self.sender else words

    @property
    def holder(self) -> str:
        """What its values stand in."""
        return "file" if self.is_file else "message"

    @property
    def by_whom(self) -> str:
        return self.opened_by.label if self.opened_by else self.sender

    @property
    def finished(self) -> int:
        """Rows that are done with."""
        return self.created + self.changed + self.kept + self.same + self.left_out

    @property
    def waiting(self) -> int:
        return self.rows - self.finished


class ImportFile(models.Model):
    """The file of an open import, deleted when that ends."""

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    patient_import = models.OneToOneField(PatientImport, models.PROTECT, related_name="file")
    file_name = models.CharField(max_length=120)
    # Not UTF-8, and read as Windows-1252; the page says so.
    windows = models.BooleanField(default=False)
    content = models.BinaryField()
    # What its columns mean, kept for the practice's next file once rows are taken in: {header: field}.
    columns = models.JSONField(default=dict)


class Standing(models.TextChoices):
    """How a row stands to what the practice has."""

    NEW = "new", "New"
    SAME = "same", "Already here"
    CHANGED = "changed", "Differs"
    DOUBLE = "double", "Likely a double"
    OTHER_NAME = "other_name", "Same MRN, likely another person"
    WRONG = "wrong", "With errors"


class Decision(models.TextChoices):
    OURS = "ours", "Keep what is here"
    THEIRS = "theirs", "Take over from the file"
    ANOTHER = "another", "Another person: take in as new"
    LEAVE = "leave", "Leave this row out"

    def label_for(self, found: PatientImport) -> str:
        return (
            self.label if found.is_file else self.label.replace("file", "message").replace("row", "message")
        )


class Candidate(models.Model):
    """One row of an open import: what it says, whom it matches, and what somebody decided. Deleted once taken in.

    `differs`: field → [here, in the file]. `doubles`: ids of patients who may be the same person; `everybody`: a
    digest of all of them, if they are more than shown; `twin`: the earlier row of the file that may be. `fields`:
    those to take over, all that differ where empty. `taking`: asked for, and not done yet. `note`: why it was
    left when it was asked for.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    patient_import = models.ForeignKey(PatientImport, models.PROTECT, related_name="candidates")
    number = models.PositiveIntegerField()
    values = models.JSONField()
    problems = models.JSONField(default=list)
    standing = models.CharField(max_length=10, choices=Standing)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", null=True)
    differs = models.JSONField(default=dict)
    doubles = models.JSONField(default=list)
    twin = models.PositiveIntegerField(null=True)
    everybody = models.CharField(max_length=64, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    fields = models.JSONField(default=list)
    reason = models.TextField(max_length=REASON, blank=True)
    decided_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    taking = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    # The MRN in a message; empty for a row of a file. Of one person one message waits, the newest.
    about = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient_import", "number"], name="one_candidate_per_row"),
            models.UniqueConstraint(
                fields=["practice", "about"], condition=~Q(about=""), name="one_arrival_waits_per_person"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", Decision.LEAVE]) | ~Q(reason=""), name="decided_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_by__isnull=False), name="decided_by_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=[Decision.OURS, Decision.THEIRS]) | Q(patient__isnull=False),
                name="only_a_patient_is_kept_or_changed",
            ),
            models.CheckConstraint(
                condition=~Q(standing=Standing.WRONG) | Q(decision="", taking=False),
                name="a_wrong_row_is_not_taken_in",
            ),
        ]
        indexes = [models.Index(fields=["patient_import", "standing", "number"])]


class What(models.TextChoices):
    CREATED = "created", "New patient"
    CHANGED = "changed", "Changed from the file"
    KEPT = "kept", "Kept as it was"


class ImportedPatient(PracticeModel):
    """What an import did with a patient, and why: where somebody came from, or what was decided between two values."""

    patient_import = models.ForeignKey(PatientImport, models.PROTECT, related_name="patients")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="imports")
    row = models.PositiveIntegerField("row of the file")
    what = models.CharField("what was done", max_length=10, choices=What)
    reason = models.TextField(max_length=REASON, blank=True)
    # The history says who took it in, which may be another.
    decided_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient_import", "patient"], name="one_patient_once_per_import"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(what=What.CREATED), name="a_patient_came_in_once"
            ),
            models.CheckConstraint(
                condition=Q(what=What.CREATED) | ~Q(reason=""), name="imported_over_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(what=What.CREATED) | Q(decided_by__isnull=False), name="imported_over_by_somebody"
            ),
        ]


class Outcome(models.TextChoices):
    """What became of a message at once. Of what waited, its import says what was decided."""

    TAKEN = "taken", "Taken in"
    SAME = "same", "Already here"
    WAITING = "waiting", "Waits for a decision"
    REFUSED = "refused", "Refused"


class Arrival(models.Model):
    """That a message was answered, and how: one that is sent again gets the same answer. Never changed.

    `digest`: of its sender, its id and what it says. A refused one is not kept, for nothing was done.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    digest = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10, choices=Outcome)
    why = models.CharField(max_length=300, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", null=True)
    patient_import = models.ForeignKey(PatientImport, models.PROTECT, related_name="+", null=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["practice", "source", "digest"], name="answers_to_messages")]
        constraints = [
            # One that waited until it expired is answered anew; and of one person one waits, which is a key of its own.
            models.UniqueConstraint(
                fields=["practice", "source", "digest"],
                condition=~Q(outcome=Outcome.WAITING),
                name="one_answer_per_message",
            ),
            models.UniqueConstraint(fields=["patient_import"], name="one_answer_per_open_message"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.TAKEN, patient__isnull=False, patient_import__isnull=False)
                | Q(outcome=Outcome.SAME, patient__isnull=False, patient_import=None)
                | Q(outcome=Outcome.WAITING, patient=None, patient_import__isnull=False),
                name="an_answer_says_what_became",
            ),
        ]


class AskedMerge(models.Model):
    """Another system says that two records here are one person's. Somebody compares and decides; never changed.

    Whether it is decided is read from the records: merged, or said to be two people's.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    duplicate = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    remaining = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    sender = models.CharField(max_length=120)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duplicate", "remaining"], name="one_merge_asked_of_two_records"),
            models.CheckConstraint(
                condition=~Q(duplicate=F("remaining")), name="asked_merge_is_of_two_records"
            ),
            models.CheckConstraint(condition=~Q(sender=""), name="asked_merge_says_by_whom"),
        ]


class KnownColumns(PracticeModel):
    """What the columns of the practice's files mean, as somebody chose last: {header in small letters: field or ""}."""

    source = models.CharField(max_length=10, choices=Source)
    columns = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "source"], name="known_columns_per_source")
        ]
