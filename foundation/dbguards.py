"""Migration operations by which the database itself refuses what it must never hold.

`GuardModels("entry", "segment")` gives each named model of the app, as far as it applies:

- a foreign key (practice_id, x_id) → (practice_id, id) beside each plain one, so that no row can point into
  another practice whatever the code does;
- for its history: a trigger that refuses UPDATE and DELETE, and no grant for either. TRUNCATE has no trigger
  (the test flush needs it), but the app role has no grant for it.

`SeparatePractices()` beside it lets the app role see and write the rows of one practice only (docs/adr/0018).
"""

from django.db.migrations.operations.base import Operation
from django.db.models import TextField

APP_ROLE = "rpm_app"


def append_only_sql(table: str) -> str:
    return f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION rpm_append_only();
        REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP_ROLE};
    """


def writable_sql(table: str) -> str:
    return f'DROP TRIGGER append_only ON "{table}"; GRANT UPDATE ON "{table}" TO {APP_ROLE};'


def _same_practice(model, schema_editor):
    """(constraint name, column, target table) of each foreign key between two rows that have a practice."""
    for field in model._meta.local_fields:
        target = field.remote_field.model if field.many_to_one or field.one_to_one else None
        if target is None or field.name == "practice" or not _has_practice(target):
            continue
        name = schema_editor._create_index_name(
            model._meta.db_table, ["practice_id", field.column], suffix="_same"
        )
        yield name, field.column, target._meta.db_table


def _has_practice(model) -> bool:
    return any(field.name == "practice" for field in model._meta.local_fields)


class GuardModels(Operation):
    """Tenancy keys and append-only histories of the named models. Reversible."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *names: str):
        self.names = [name.lower() for name in names]

    def deconstruct(self):
        return type(self).__name__, self.names, {}

    def state_forwards(self, app_label, state):
        pass

    def _models(self, app_label, state):
        for name in self.names:
            model = state.apps.get_model(app_label, name)
            try:
                history = state.apps.get_model(app_label, f"historical{name}")
            except LookupError:
                history = None
            yield model, history

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        models = list(self._models(app_label, to_state))
        for model, _ in models:
            if _has_practice(model):
                table = model._meta.db_table
                schema_editor.execute(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_own" UNIQUE (practice_id, {model._meta.pk.column})'
                )
        for model, history in models:
            if _has_practice(model):
                self._add_keys(model, schema_editor)
            if history is not None:
                schema_editor.execute(append_only_sql(history._meta.db_table))

    def _add_keys(self, model, schema_editor):
        for name, column, target in _same_practice(model, schema_editor):
            schema_editor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{name}" FOREIGN KEY (practice_id, "{column}") '
                f'REFERENCES "{target}" (practice_id, id) DEFERRABLE INITIALLY DEFERRED'
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        models = list(self._models(app_label, to_state))
        for model, history in models:
            for name, _, _ in _same_practice(model, schema_editor) if _has_practice(model) else ():
                schema_editor.execute(f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{name}"')
            if history is not None:
                schema_editor.execute(writable_sql(history._meta.db_table))
        for model, _ in models:
            if _has_practice(model):
                table = model._meta.db_table
                schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_own"')

    def describe(self):
        return f"Guard {', '.join(self.names)}"


def one_practice_sql(table: str, column: str) -> str:
    """Rows of the practice that the connection was told, or of all where it was told so; of none else.

    The sub-selects are asked once for a query, not for each row. `IS NOT NULL` instead of the plain truth keeps the
    planner's estimates: each query has the practice among its own conditions already, and would count it twice.
    """
    return f"""
        ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
        CREATE POLICY one_practice ON "{table}" TO {APP_ROLE}
            USING ("{column}" = (SELECT rpm_practice()) OR (SELECT rpm_every_practice()) IS NOT NULL);
    """


def any_practice_sql(table: str) -> str:
    return f'DROP POLICY one_practice ON "{table}"; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;'


class SeparatePractices(Operation):
    """Row-level security for the app role: on every table of the app that has a practice, histories too, or on those
    of the named models. Reversible.

    The owner is left out on purpose: it migrates and makes the backups of all practices.
    """

    reduces_to_sql = reversible = True

    def __init__(self, *names: str):
        self.names = [name.lower() for name in names]

    def deconstruct(self):
        return type(self).__name__, self.names, {}

    def state_forwards(self, app_label, state):
        pass

    def _tables(self, app_label, state):
        """(table, the column that says whose row it is)"""
        for model in state.apps.get_models(include_auto_created=True):
            name = model._meta.model_name
            wanted = not self.names or name.removeprefix("historical") in self.names
            if model._meta.app_label == app_label and wanted and (column := practice_column(model)):
                yield model._meta.db_table, column

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for table, column in self._tables(app_label, to_state):
            schema_editor.execute(one_practice_sql(table, column))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for table, _ in self._tables(app_label, from_state):
            schema_editor.execute(any_practice_sql(table))

    def describe(self):
        return f"Separate the practices in {', '.join(self.names) or 'every table'}"


def practice_column(model) -> str | None:
    """Where a model's row says whose it is: the practice's own row is its own."""
    if model._meta.label_lower in {"accounts.practice", "accounts.historicalpractice"}:
        return "id"
    return "practice_id" if _has_practice(model) else None


class AppendOnly(Operation):
    """A table that is only ever added to, such as the access log. Reversible."""

    reduces_to_sql = reversible = True

    def __init__(self, table: str):
        self.table = table

    def deconstruct(self):
        return type(self).__name__, [self.table], {}

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(append_only_sql(self.table))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(writable_sql(self.table))

    def describe(self):
        return f"Append-only {self.table}"


class LimitTexts(Operation):
    """The database holds the length of each free text of the named models: whatever comes round the forms.

    For every `TextField` with a `max_length`, which by itself only its form keeps to. Reversible.
    """

    reduces_to_sql = reversible = True

    def __init__(self, *names: str):
        self.names = [name.lower() for name in names]

    def deconstruct(self):
        return type(self).__name__, self.names, {}

    def state_forwards(self, app_label, state):
        pass

    def _constraints(self, app_label, state):
        """(table, constraint, column, characters)"""
        for name in self.names:
            model = state.apps.get_model(app_label, name)
            table = model._meta.db_table
            for field in model._meta.local_fields:
                if isinstance(field, TextField) and field.max_length:
                    yield table, f"{table}_{field.column}_length", field.column, field.max_length

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for table, name, column, most in self._constraints(app_label, to_state):
            schema_editor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK (char_length("{column}") <= {most})'
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for table, name, _, _ in self._constraints(app_label, from_state):
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')

    def describe(self):
        return f"Limit the texts of {', '.join(self.names)}"
