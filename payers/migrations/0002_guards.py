from django.db import migrations

from foundation.dbguards import GuardModels, SeparatePractices

# Coverages, policies and claims name a payer by its slug.
SLUG_IS_KEPT = """
CREATE FUNCTION payers_slug_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the slug of payer % is kept', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER slug_is_kept BEFORE UPDATE ON payers_payer
    FOR EACH ROW WHEN (NEW.slug IS DISTINCT FROM OLD.slug) EXECUTE FUNCTION payers_slug_is_kept();
"""
NOT_KEPT = "DROP TRIGGER slug_is_kept ON payers_payer; DROP FUNCTION payers_slug_is_kept();"

# A policy of one payer names a payer of the practice; that of the whole practice has none. Here, because accounts
# lies below and knows no payers.
POLICY_NAMES_A_PAYER = """
ALTER TABLE accounts_policysetting
    ADD COLUMN own_payer varchar(50) GENERATED ALWAYS AS (NULLIF(payer, '')) STORED,
    ADD CONSTRAINT policy_names_a_payer_of_the_practice FOREIGN KEY (practice_id, own_payer)
        REFERENCES payers_payer (practice_id, slug) DEFERRABLE INITIALLY DEFERRED;
"""
NAMES_NONE = "ALTER TABLE accounts_policysetting DROP COLUMN own_payer;"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("payers", "0001_initial"),
    ]

    operations = [
        GuardModels("payer"),
        migrations.RunSQL(SLUG_IS_KEPT, NOT_KEPT),
        migrations.RunSQL(POLICY_NAMES_A_PAYER, NAMES_NONE),
        SeparatePractices(),
    ]
