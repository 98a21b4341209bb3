"""How the accounts' histories are shown. It stands here because accounts lies below and cannot call up."""

from accounts.models import Membership, PolicySetting, Practice, PracticeIdentity, Preferences, User
from accounts.permissions import Permission
from audit.registry import present

# Billers see policies, because explanations name them; who worked here in which role is the auditors' to browse.
PEOPLE = Permission.HISTORY_ALL
_WORKS_HERE = "h.id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)"

present(User, label="Person", needs=PEOPLE, name=lambda row, names: row.name, scope=_WORKS_HERE)
present(
    Preferences,
    label="Personal settings",
    needs=PEOPLE,
    name=lambda row, names: names.get((User, row.user_id), "Settings"),
    scope="h.user_id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)",
)
present(Practice, label="Practice", needs=PEOPLE, name=lambda row, names: row.name, scope="h.id = %s")
present(
    PracticeIdentity,
    label="Identity of the practice",
    needs=Permission.SETTINGS_VIEW,
    name=lambda row, names: f"from {row.starts_on:%d-%b-%Y}",
)
present(
    Membership,
    label="Role in the practice",
    needs=PEOPLE,
    name=lambda row, names: names.get((User, row.user_id), row.get_role_display()),
)
present(
    PolicySetting,
    label="Policy",
    needs=Permission.SETTINGS_VIEW,
    name=lambda row, names: row.key.replace("_", " "),
)
