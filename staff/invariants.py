"""What always holds of the people of a practice."""

from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "accepted-invitation-has-its-role",
        """SELECT i.id FROM staff_invitation i WHERE i.accepted_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM accounts_membership m
               WHERE m.practice_id = i.practice_id AND m.user_id = i.accepted_by_id)""",
    ),
    Invariant(
        "accepted-by-the-invited-address",
        """SELECT i.id FROM staff_invitation i JOIN accounts_user u ON u.id = i.accepted_by_id
           WHERE u.email <> i.email""",
    ),
)
