from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, LimitTexts, SeparatePractices

# A hub is made and ended once. A secret stays what it is; it may only come to its end sooner. An answer never changes,
# and goes after a month.
KEPT = f"""
CREATE FUNCTION interchange_hub_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ended_at', 'ended_by_id', 'ended_why', 'version'];
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'hub % is made and ended once', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hub_is_kept BEFORE UPDATE ON interchange_hub
    FOR EACH ROW EXECUTE FUNCTION interchange_hub_is_kept();

CREATE FUNCTION interchange_hub_secret_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['good_until', 'replaced_at', 'version'];
BEGIN
    IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free OR NEW.good_until > OLD.good_until
       OR OLD.replaced_at IS NOT NULL AND NEW.replaced_at IS DISTINCT FROM OLD.replaced_at THEN
        RAISE EXCEPTION 'secret % of a hub may only end sooner', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hub_secret_is_kept BEFORE UPDATE ON interchange_hubsecret
    FOR EACH ROW EXECUTE FUNCTION interchange_hub_secret_is_kept();

REVOKE UPDATE ON interchange_received FROM {APP_ROLE};
GRANT DELETE ON interchange_received TO {APP_ROLE};
"""
LOOSE = f"""
REVOKE DELETE ON interchange_received FROM {APP_ROLE};
GRANT UPDATE ON interchange_received TO {APP_ROLE};
DROP TRIGGER hub_secret_is_kept ON interchange_hubsecret;
DROP FUNCTION interchange_hub_secret_is_kept();
DROP TRIGGER hub_is_kept ON interchange_hub;
DROP FUNCTION interchange_hub_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("interchange", "0001_initial"),
    ]

    operations = [
        GuardModels("hub", "hubsecret", "hubuse", "hubrefusal", "received"),
        LimitTexts("hub"),
        migrations.RunSQL(KEPT, LOOSE),
        SeparatePractices(),
    ]
