from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts, SeparatePractices

# What a person is looked for by: names and MRN in small letters without accents.
PLAIN = """
CREATE FUNCTION patients_plain(family text, given text, mrn text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(normalize(lower(family || ' ' || given || ' ' || mrn), NFKD), '[\u0300-\u036f]', '', 'g');
"""
NOT_PLAIN = "DROP FUNCTION patients_plain(text, text, text);"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("patients", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "patient",
            "coverage",
            "enrollment",
            "diagnosis",
            "consent",
            "order",
            "careplan",
            "device",
            "deviceassignment",
            "targetrange",
            "officevisit",
            "otherservice",
            "surgicalglobal",
            "institutionstay",
            "attachment",
            "signaturerequest",
        ),
        LimitTexts(
            "attachment",
            "signaturerequest",
            "careplan",
            "consent",
            "deviceassignment",
            "enrollment",
            "order",
            "otherservice",
            "surgicalglobal",
        ),
        migrations.RunSQL(PLAIN, NOT_PLAIN),
        SeparatePractices(),
    ]
