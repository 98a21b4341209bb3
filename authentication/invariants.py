"""What always holds of second factors and tokens."""

from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "a-factors-use-is-kept",
        """SELECT f.id FROM authentication_secondfactor f WHERE NOT EXISTS (
               SELECT 1 FROM authentication_factoruse u WHERE u.factor_id = f.id)""",
    ),
    Invariant(
        "a-tokens-use-is-kept",
        """SELECT t.id FROM authentication_apitoken t WHERE NOT EXISTS (
               SELECT 1 FROM authentication_apitokenuse u WHERE u.token_id = t.id)""",
    ),
    Invariant(
        "ten-recovery-codes-at-most",
        """SELECT user_id FROM authentication_recoverycode WHERE used_at IS NULL AND replaced_at IS NULL
           GROUP BY user_id HAVING count(*) > 10""",
    ),
)
