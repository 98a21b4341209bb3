from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

# Five files for a person, twenty for a practice, five megabytes for a file. Counted one after the other.
HAS_ROOM = """
CREATE FUNCTION monitoring_hold_waiting(practice uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('waiting uploads:' || practice, 58));
$$;
CREATE FUNCTION monitoring_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs int;
    all_of_them int;
BEGIN
    PERFORM monitoring_hold_waiting(NEW.practice_id);
    SELECT count(*) FILTER (WHERE uploaded_by_id = NEW.uploaded_by_id), count(*) INTO theirs, all_of_them
    FROM monitoring_waitingupload
    WHERE practice_id = NEW.practice_id AND id <> NEW.id AND octet_length(content) > 0;
    IF theirs >= 5 OR all_of_them >= 20 THEN
        RAISE EXCEPTION 'no room for waiting upload %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER has_room BEFORE INSERT OR UPDATE ON monitoring_waitingupload
    FOR EACH ROW WHEN (octet_length(NEW.content) > 0) EXECUTE FUNCTION monitoring_has_room();
ALTER TABLE monitoring_waitingupload
    ADD CONSTRAINT waiting_upload_is_no_longer CHECK (octet_length(content) <= 5242880);
"""
NO_ROOM = """
ALTER TABLE monitoring_waitingupload DROP CONSTRAINT waiting_upload_is_no_longer;
DROP TRIGGER has_room ON monitoring_waitingupload;
DROP FUNCTION monitoring_has_room();
DROP FUNCTION monitoring_hold_waiting(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("monitoring", "0001_initial"),
    ]

    operations = [
        GuardModels("importbatch", "reading", "waitingupload", "parkedreading"),
        migrations.RunSQL(HAS_ROOM, NO_ROOM),
        LimitTexts("reading", "parkedreading"),
        SeparatePractices(),
        ClosesWhenMerged("monitoring_reading"),
    ]
