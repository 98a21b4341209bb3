from django.db import migrations

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_initial")]

    operations = [LimitTexts("outboxmessage", "operation", "notice")]
