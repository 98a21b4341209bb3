from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, LimitTexts, SeparatePractices, any_practice_sql

# An e-mail is its notice's.
ITS_NOTICES = f"""
ALTER TABLE dispatch_emaildelivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_practice ON dispatch_emaildelivery TO {APP_ROLE} USING (
    (SELECT rpm_every_practice()) IS NOT NULL OR EXISTS (SELECT 1 FROM dispatch_notice n WHERE n.id = notice_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards"), ("dispatch", "0001_initial")]

    operations = [
        GuardModels("outboxmessage", "notice", "retry"),
        LimitTexts("outboxmessage", "operation", "notice", "retry"),
        SeparatePractices(),
        migrations.RunSQL(ITS_NOTICES, any_practice_sql("dispatch_emaildelivery")),
    ]
