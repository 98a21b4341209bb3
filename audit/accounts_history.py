"""How the accounts' histories are shown. It stands here because accounts lies below and cannot call up."""

from accounts.models import Membership, PolicySetting, Practice, User
from accounts.permissions import Permission
from audit.registry import present

SETTINGS = Permission.SETTINGS_VIEW
_WORKS_HERE = "h.id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)"

present(User, label="Person", needs=SETTINGS, name=lambda row, names: row.name, scope=_WORKS_HERE)
present(Practice, label="Practice", needs=SETTINGS, name=lambda row, names: row.name, scope="h.id = %s")
present(
    Membership,
    label="Role in the practice",
    needs=SETTINGS,
    name=lambda row, names: names.get((User, row.user_id), row.get_role_display()),
)
present(PolicySetting, label="Policy", needs=SETTINGS, name=lambda row, names: row.key.replace("_", " "))
