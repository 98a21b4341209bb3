"""The migration operation by which a table's rows belong to a patient whose record may be merged into another."""

from django.db.migrations.operations.base import Operation


class ClosesWhenMerged(Operation):
    """No row of the table is made or changed while its patient's record is merged (docs/adr/0023). Reversible.

    `by`: the column that leads to the patient, itself, by an enrollment, a session or an escalation.
    """

    reduces_to_sql = reversible = True

    def __init__(self, table: str, by: str = "patient_id"):
        self.table, self.by = table, by

    def deconstruct(self):
        return type(self).__name__, [self.table], {"by": self.by}

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(
            f"CREATE TRIGGER closes_when_merged BEFORE INSERT OR UPDATE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION patients_closes_when_merged('{self.by}')"
        )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(f"DROP TRIGGER closes_when_merged ON {self.table}")

    def describe(self):
        return f"Close {self.table} when merged"
