"""Records that may be one person's: found by what two of them share, and said to be two people's after all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import refuse_if
from patients import policies
from patients.merges import note_merges
from patients.models import Patient, TwoPeople
from patients.services import save_unless_taken

# A number or date that more have is the one of a home, or was typed for want of the right one: it says nothing.
SHARED_BY, BORN_BY = 5, 200
# So many pairs are found at most; the likeliest come first.
MOST = 500

# Born on one day with a similar name; or the same payer's number; or the same phone, and first name or birthday.
# Names are compared without accents: by their first letters, by their trigrams, or with the two names changed round.
# No index serves the comparison under the practices' policies (docs/adr/0018): each practice's records are read once.
PAIRS = """
WITH here AS MATERIALIZED (
    SELECT p.id, p.born_on, patients_plain(p.family_name, '', '') AS family,
        patients_plain(p.given_name, '', '') AS given,
        nullif(regexp_replace(p.phone, '[^0-9]', '', 'g'), '') AS phone
    FROM patients_patient p
    WHERE p.practice_id = %(practice)s AND NOT EXISTS (
        SELECT 1 FROM patients_merge m WHERE m.duplicate_id = p.id AND m.undone_at IS NULL)
), numbers AS (
    SELECT DISTINCT c.patient_id AS id, c.payer || ' ' || c.member_id AS number
    FROM patients_coverage c WHERE c.practice_id = %(practice)s AND c.member_id <> ''
), days AS (SELECT born_on FROM here GROUP BY born_on HAVING count(*) BETWEEN 2 AND %(born_by)s
), phones AS (SELECT phone FROM here WHERE length(phone) >= 7 GROUP BY phone HAVING count(*) BETWEEN 2 AND %(shared_by)s
), cards AS (SELECT number FROM numbers GROUP BY number HAVING count(*) BETWEEN 2 AND %(shared_by)s
), pairs AS (
    SELECT a.id AS one, b.id AS other, 'born' AS why
    FROM days JOIN here a USING (born_on) JOIN here b ON b.born_on = a.born_on AND a.id < b.id
    WHERE a.given = b.given OR left(a.family, 4) = left(b.family, 4) OR similarity(a.family, b.family) >= 0.4
       OR (btrim(a.family) = btrim(b.given) AND btrim(a.given) = btrim(b.family))
    UNION ALL
    SELECT a.id, b.id, 'phone' FROM phones JOIN here a USING (phone) JOIN here b ON b.phone = a.phone AND a.id < b.id
    WHERE a.given = b.given OR a.born_on = b.born_on
    UNION ALL
    SELECT a.id, b.id, 'number'
    FROM cards JOIN numbers a USING (number) JOIN numbers b ON b.number = a.number AND a.id < b.id
)
SELECT one, other, array_agg(DISTINCT why ORDER BY why)
FROM pairs JOIN here a ON a.id = one JOIN here b ON b.id = other
WHERE NOT EXISTS (
    SELECT 1 FROM patients_twopeople t WHERE t.one_id = pairs.one AND t.other_id = pairs.other AND t.ended_at IS NULL)
GROUP BY one, other, a.family, a.given
ORDER BY count(DISTINCT why) DESC, a.family, a.given, one, other
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
    for patient in (one, other):
        note_merges(patient)
    refuse_if(policies.why_not_two_people(one, other))
    first, second = sorted((one, other), key=lambda patient: patient.pk)
    row = TwoPeople(practice=one.practice, one=first, other=second, reason=reason.strip())
    row.decided_by, row.decided_at = by, at
    with because(reason):
        save_unless_taken(row, "Somebody said so already. This pair is no longer in the list")
    return row
