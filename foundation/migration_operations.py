"""Migration operations of our own that do not guard rows (those are in `dbguards`)."""

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateModels(Operation):
    """Several tables at once. Django renders every related model anew after each `CreateModel`, and here all models
    are related by their practice: that was most of the time of `migrate` on an empty database. Reversible."""

    reduces_to_sql = reversible = True
    serialization_expand_args = ["operations"]

    def __init__(self, operations: list[CreateModel]):
        self.operations = operations

    def deconstruct(self):
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label, state):
        # Rendered again when the first table is made, with all of these in it.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Create {', '.join(operation.name for operation in self.operations)}"
