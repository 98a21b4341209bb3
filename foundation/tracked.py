"""Rows with a history: signed, versioned, never deleted. The only place that writes tracked rows in bulk."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Cast
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from foundation import context
from foundation.database_refusals import in_words
from foundation.plain_text import refuse_hidden
from foundation.refusals import StaleRow, Undeletable


class ClockTimestamp(models.Func):
    """The database's clock at this very statement, not the transaction's start."""

    function, template, output_field = "clock_timestamp", "%(function)s()", models.DateTimeField()


class TransactionId(models.Func):
    """The 64-bit id of the writing transaction."""

    function, template = "pg_current_xact_id", "%(function)s()"
    output_field = models.TextField()


class ToldPerson(models.Func):
    """Whom the connection was told of (`foundation.practice_scope`): who signed in; null in tasks and for programs."""

    function, template, output_field = "rpm_person", "%(function)s()", models.UUIDField()


class SignedRow(models.Model):
    """Who wrote a row of an append-only table, in which request and transaction, by the database's clock."""

    history_user_id: uuid.UUID | None
    actor_label = models.TextField()
    actor_kind = models.CharField(max_length=10)
    request_id = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    transaction_id = models.BigIntegerField(
        db_default=Cast(Cast(TransactionId(), models.TextField()), models.BigIntegerField())
    )
    # Filled by a later release's sealing trigger; there from the first migration so that no row is too old for it.
    row_hash = models.BinaryField(null=True, editable=False)
    hash_version = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        abstract = True


def _sign(row: Any, actor: context.AuditContext) -> None:
    row.history_user_id = actor.actor_id
    row.actor_label, row.actor_kind, row.request_id = (
        actor.actor_label,
        str(actor.actor_kind),
        actor.request_id,
    )


def _by_time(label: str) -> models.Index:
    """For a practice's changes, newest first: what that list filters and groups by is read from the index alone."""
    beside = ["history_user_id", "history_type", "request_id", "actor_label"]
    return models.Index(
        fields=["practice", "recorded_at", "history_id"], include=beside, name=f"hp_{label}"[:30]
    )


class OnceMadeManager(HistoryManager):
    """simple-history derives this class at each access to a history, so at each save: a quarter of a millisecond."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class, class_name=None):
        return super().from_queryset(queryset_class, class_name)


class History(HistoricalRecords):
    """simple-history with our signature: 64-bit ids, actor without foreign key, reason from the context."""

    def __init__(self, **kwargs):
        super().__init__(
            inherit=kwargs.pop("inherit", True),
            bases=(SignedRow,),
            history_id_field=models.BigAutoField(),
            history_user_id_field=models.UUIDField(null=True),
            history_user_getter=lambda row: None,
            history_user_setter=_sign,
            history_manager=OnceMadeManager,
            **kwargs,
        )

    def get_history_user(self, instance):
        return context.current()

    def get_change_reason_for_object(self, instance, history_type, using):
        return context.current().reason

    def get_meta_options(self, model):
        pk = model._meta.pk.attname
        label = model._meta.label_lower.replace(".", "_")
        signed = models.CheckConstraint(
            condition=~models.Q(actor_label="") & ~models.Q(actor_kind=""),
            name=f"{label}_history_signed"[:63],
        )
        indexes = [models.Index(fields=[pk, "history_id"], name=f"h_{label}"[:30])]
        if any(field.name == "practice" for field in model._meta.local_fields):
            indexes.append(_by_time(label))
        return {
            **super().get_meta_options(model),
            "ordering": ("-history_id",),
            "get_latest_by": "history_id",
            "constraints": [signed],
            "indexes": indexes,
        }


class TrackedQuerySet(models.QuerySet):
    """Refuses every write that would pass history by."""

    def _refuse(self, *args, **kwargs):
        raise Undeletable(f"{self.model.__name__} has a history: change rows with save(), one by one.")

    update = bulk_create = bulk_update = delete = _refuse

    def for_practice(self, practice):
        """Rows of one practice. Fails without one, so that a forgotten scope is an error and not a leak."""
        if practice is None:
            raise ValueError("No practice: every query for people is scoped to one.")
        return self.filter(practice=practice)


class TrackedRow(models.Model):
    """UUID key and a version that every save checks in SQL. Subclasses bring their `history`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        """Write the row and its history in one transaction. Raises `StaleRow` if somebody saved it since."""
        context.current()
        refuse_hidden(self)
        with in_words(), transaction.atomic():
            if self._state.adding:
                return super().save(*args, **kwargs)
            return self._save_next_version(*args, **kwargs)

    def _save_next_version(self, *args, **kwargs):
        # History copies every column from the instance, so a partial save would record values never stored.
        kwargs.pop("update_fields", None)
        self.version += 1
        try:
            return super().save(*args, **{**kwargs, "force_update": True})
        except Exception:
            self.version -= 1
            raise

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update, *rest):
        guarded = base_qs.filter(version=self.version - 1)
        if not super()._do_update(guarded, using, pk_val, values, update_fields, forced_update, *rest):
            raise StaleRow()
        return True

    def delete(self, *args, **kwargs):
        raise Undeletable(f"{type(self).__name__} rows are superseded or ended, never deleted.")


class TrackedModel(TrackedRow):
    """A row whose every change is in its history, with who, when and why."""

    history = History()

    class Meta:
        abstract = True


def bulk_create_tracked(rows: Sequence[TrackedModel]) -> list[TrackedModel]:
    """Insert many new rows of one model with their history, in one transaction: for imports and demo data."""
    if not rows:
        return []
    model, actor = type(rows[0]), context.current()
    for row in rows:
        refuse_hidden(row)
    plain: Any = models.QuerySet(model)
    with in_words(), transaction.atomic():
        created = plain.bulk_create(rows, batch_size=1000)
        _write_first_history(model, [row.pk for row in created], actor)
    return created


def _write_first_history(
    model: type[TrackedModel], ids: list[uuid.UUID], actor: context.AuditContext
) -> None:
    """The first history row of each new row, in their order, of what the database stored; by one statement.

    Made as objects and sent back, they would take as long as the rows themselves.
    """
    history: Any = model.history.model
    columns = [field.column for field in history.tracked_fields]
    copied, stored = (", ".join(f'{of}"{column}"' for column in columns) for of in ("", "b."))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO "{history._meta.db_table}" ({copied}, history_type, history_date, history_change_reason,
                    history_user_id, actor_label, actor_kind, request_id)
                SELECT {stored}, '+', %s, %s, %s, %s, %s, %s
                FROM unnest(%s::uuid[]) WITH ORDINALITY AS new (id, place)
                JOIN "{model._meta.db_table}" b ON b.id = new.id ORDER BY place""",
            [
                timezone.now(),
                actor.reason,
                actor.actor_id,
                actor.actor_label,
                str(actor.actor_kind),
                actor.request_id,
                ids,
            ],
        )


def lock(row: TrackedRow) -> TrackedRow:
    """The same row, read again under a row lock."""
    # `request.user` is a stand-in until it is looked at; its class is then the row's.
    return row.__class__._default_manager.select_for_update(no_key=True).get(pk=row.pk)
