"""Records that may be one person's: found by what two of them share, and said to be two people's after all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import refuse_if
from patients import policies
from patients.merging import held
from patients.models import Patient, TwoPeople
from patients.services import save_unless_taken

# A number or date that more have is the one of a home, or was typed for want of the right one: it says nothing.
SHARED_BY, BORN_BY = 5, 200
# So many pairs are found at most; the likeliest come first.
MOST = 500

# Born on one day with a similar name; or the same payer's number; or the same phone, and first name or birthday.
# Names are compared without accents: by their first letters, by their trigrams, or with the two names changed round.
# No index serves the comparison under the practices' policies (docs/adr/0018): each practice's records are read once.
# Within groups of the few who share something, so that no estimate of the planner decides how long it takes.
PAIRS = """
WITH here AS (
    SELECT p.id, p.born_on, patients_plain(p.family_name, '', '') AS family,
        patients_plain(p.given_name, '', '') AS given, regexp_replace(p.phone, '[^0-9]', '', 'g') AS phone,
        ARRAY(SELECT DISTINCT c.payer || ' ' || c.member_id FROM patients_coverage c
              WHERE c.patient_id = p.id AND c.member_id <> '') AS cards
    FROM patients_patient p
    WHERE p.practice_id = %(practice)s AND NOT EXISTS (
        SELECT 1 FROM patients_merge m WHERE m.duplicate_id = p.id AND m.undone_at IS NULL)
), alike AS (
    SELECT 'born' AS why, array_agg(h) AS people FROM here h
    GROUP BY born_on HAVING count(*) BETWEEN 2 AND %(born_by)s
    UNION ALL
    SELECT 'phone', array_agg(h) FROM here h WHERE length(phone) >= 7
    GROUP BY phone HAVING count(*) BETWEEN 2 AND %(shared_by)s
    UNION ALL
    SELECT 'number', array_agg(h) FROM here h CROSS JOIN LATERAL unnest(h.cards) AS card
    GROUP BY card HAVING count(*) BETWEEN 2 AND %(shared_by)s
)
SELECT a.id, b.id, array_agg(DISTINCT why ORDER BY why)
FROM alike
CROSS JOIN LATERAL unnest(people) AS a (id uuid, born_on date, family text, given text, phone text, cards text[])
CROSS JOIN LATERAL unnest(people) AS b (id uuid, born_on date, family text, given text, phone text, cards text[])
WHERE a.id < b.id AND CASE why
        WHEN 'born' THEN a.given = b.given OR left(a.family, 4) = left(b.family, 4)
            OR similarity(a.family, b.family) >= 0.4
            OR (btrim(a.family) = btrim(b.given) AND btrim(a.given) = btrim(b.family))
        WHEN 'phone' THEN a.given = b.given OR a.born_on = b.born_on
        ELSE true END
    AND NOT EXISTS (
        SELECT 1 FROM patients_twopeople t WHERE t.one_id = a.id AND t.other_id = b.id AND t.ended_at IS NULL)
GROUP BY a.id, b.id, a.family, a.given
ORDER BY count(DISTINCT why) DESC, a.family, a.given, a.id, b.id
LIMIT %(most)s
"""
WHY = {
    "born": "Born on the same day, with a similar name",
    "number": "The same member number",
    "phone": "The same phone, and first name or date of birth",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, and what they share, in words."""

    one: Patient
    other: Patient
    why: tuple[str, ...]


def pairs(practice) -> list[tuple[UUID, UUID, list[str]]]:
    """Ids of records that may be one person's, the likeliest first, and what each two share."""
    given = {"practice": practice.pk, "born_by": BORN_BY, "shared_by": SHARED_BY, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, given)
        return cursor.fetchall()


def with_patients(practice, found) -> list[Pair]:
    """These pairs with their patients, in one query."""
    ids = {pk for one, other, _ in found for pk in (one, other)}
    people = {row.pk: row for row in Patient.objects.for_practice(practice).filter(pk__in=ids)}
    return [
        Pair(people[one], people[other], tuple(WHY[reason] for reason in why)) for one, other, why in found
    ]


@transaction.atomic
def say_two_people(one: Patient, other: Patient, *, reason: str, by: Membership, at: datetime) -> TwoPeople:
    """Remembered, so that the pair is not shown again."""
    one, other = held(one, other)
    refuse_if(policies.why_not_two_people(one, other))
    first, second = sorted((one, other), key=lambda patient: patient.pk)
    row = TwoPeople(practice=one.practice, one=first, other=second, reason=reason.strip())
    row.decided_by, row.decided_at = by, at
    with because(reason):
        save_unless_taken(row, "Somebody said so already. This pair is no longer in the list")
    return row
