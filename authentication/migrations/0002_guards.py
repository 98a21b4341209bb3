from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, LimitTexts, SeparatePractices

# A token is made once and ended once; what it may do never changes. Its networks are networks.
TOKEN_IS_KEPT = """
CREATE FUNCTION authentication_token_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ended_at', 'ended_by_id', 'ended_why', 'version'];
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'token % is made and ended once', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER token_is_kept BEFORE UPDATE ON authentication_apitoken
    FOR EACH ROW EXECUTE FUNCTION authentication_token_is_kept();
ALTER TABLE authentication_apitoken ADD CONSTRAINT token_networks_are_networks
    CHECK (networks::cidr[] IS NOT NULL AND array_position(networks, NULL) IS NULL);
"""
TOKEN_IS_LOOSE = """
ALTER TABLE authentication_apitoken DROP CONSTRAINT token_networks_are_networks;
DROP TRIGGER token_is_kept ON authentication_apitoken;
DROP FUNCTION authentication_token_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("authentication", "0001_initial"),
    ]

    operations = [
        GuardModels("secondfactor", "apitoken", "apitokenuse", "apitokenrefusal"),
        LimitTexts("apitoken"),
        migrations.RunSQL(
            f"GRANT DELETE ON authentication_browsersession TO {APP_ROLE};",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(TOKEN_IS_KEPT, TOKEN_IS_LOOSE),
        SeparatePractices("apitoken", "apitokenuse", "apitokenrefusal"),
    ]
