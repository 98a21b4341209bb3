from django.db import migrations

from foundation.dbguards import APP_ROLE, AppendOnly, GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

# What an open import holds of people goes when it ends; and no file is longer than the page takes.
ROWS = f"""
GRANT DELETE ON intake_importfile, intake_candidate TO {APP_ROLE};
ALTER TABLE intake_importfile
    ADD CONSTRAINT import_file_is_no_longer CHECK (octet_length(content) <= 5242880);
"""
NO_ROWS = f"""
ALTER TABLE intake_importfile DROP CONSTRAINT import_file_is_no_longer;
REVOKE DELETE ON intake_importfile, intake_candidate FROM {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("intake", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "patientimport",
            "importfile",
            "candidate",
            "importedpatient",
            "arrival",
            "askedmerge",
            "knowncolumns",
        ),
        LimitTexts("candidate", "importedpatient"),
        AppendOnly("intake_arrival"),
        AppendOnly("intake_askedmerge"),
        migrations.RunSQL(ROWS, NO_ROWS),
        SeparatePractices(),
        ClosesWhenMerged("intake_importedpatient"),
    ]
