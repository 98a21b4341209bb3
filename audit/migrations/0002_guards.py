from django.db import migrations

from foundation.dbguards import AppendOnly, SeparatePractices


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        AppendOnly("audit_accessevent"),
        AppendOnly("audit_signinevent"),
        AppendOnly("audit_invariantrun"),
        SeparatePractices(),
    ]
