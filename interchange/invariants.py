"""What always holds of hubs."""

from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "a-hubs-use-is-kept",
        """SELECT h.id FROM interchange_hub h WHERE NOT EXISTS (
               SELECT 1 FROM interchange_hubuse u WHERE u.hub_id = h.id)""",
    ),
    Invariant(
        "a-hub-has-a-current-secret-and-the-one-before",
        """SELECT h.id FROM interchange_hub h WHERE NOT EXISTS (
               SELECT 1 FROM interchange_hubsecret s WHERE s.hub_id = h.id AND s.replaced_at IS NULL)
           UNION
           SELECT s.hub_id FROM interchange_hubsecret s JOIN interchange_hubsecret later
               ON later.hub_id = s.hub_id AND later.number = s.number + 2 AND later.made_at < s.good_until""",
    ),
)
