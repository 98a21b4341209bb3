"""Names and SQL that returns no row. Plain pairs, because audit lies above: it registers them itself."""

INVARIANTS = (
    (
        "one-role-at-a-time",
        """SELECT a.id FROM accounts_membership a JOIN accounts_membership b
               ON b.user_id = a.user_id AND b.practice_id = a.practice_id AND b.id > a.id
              AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)""",
    ),
    (
        "policy-says-why",
        "SELECT id FROM accounts_policysetting WHERE btrim(why) = ''",
    ),
    (
        "a-practice-is-somebody-on-its-claims",
        """SELECT p.id FROM accounts_practice p
           WHERE NOT EXISTS (SELECT 1 FROM accounts_practiceidentity i WHERE i.practice_id = p.id)""",
    ),
)
