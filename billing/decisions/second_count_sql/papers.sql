-- When a patient's time may count: the days of each paper and of office visits, as moments of the practice's clocks.
days AS (
    SELECT patient_id, 'enrolled' AS paper, started_on AS since, ended_on AS until
    FROM patients_enrollment WHERE practice_id = %(practice)s
    UNION ALL
    SELECT patient_id, 'agreed', given_on, revoked_on
    FROM patients_consent WHERE practice_id = %(practice)s
    UNION ALL
    SELECT enrollment.patient_id, 'ordered', signed_order.signed_on, enrollment.ended_on
    FROM patients_order AS signed_order
    JOIN patients_enrollment AS enrollment ON enrollment.id = signed_order.enrollment_id
    WHERE signed_order.practice_id = %(practice)s
      AND signed_order.withdrawn_at IS NULL
      AND (signed_order.signature = 'own' OR %(transcripts)s = 'any'
           OR (%(transcripts)s = 'scan' AND signed_order.scan_id IS NOT NULL))
    UNION ALL
    SELECT patient_id, 'visit', visited_on, visited_on + 1
    FROM patients_officevisit WHERE practice_id = %(practice)s AND NOT withdrawn AND %(visits_out)s
), midnights AS (
    SELECT days.*, since::timestamp AT TIME ZONE %(zone)s AS since_at, until::timestamp AT TIME ZONE %(zone)s AS until_at
    FROM days
), firsts AS (
    -- Where the clocks make midnight come twice, the second is taken above; the day began an hour before.
    SELECT midnights.*,
           CASE WHEN ((since_at - interval '1 hour') AT TIME ZONE %(zone)s)::date = since THEN interval '1 hour'
                ELSE interval '0' END AS since_later,
           CASE WHEN ((until_at - interval '1 hour') AT TIME ZONE %(zone)s)::date = until THEN interval '1 hour'
                ELSE interval '0' END AS until_later
    FROM midnights
), papers AS (
    -- A paper of no day at all (given and taken back on one) was recorded all the same, and nothing is inside it.
    SELECT patient_id, paper,
           range_agg(CASE WHEN since >= until THEN 'empty' ELSE
               tstzrange(since_at - since_later, until_at - until_later) END) AS during
    FROM firsts
    WHERE %(patients)s::uuid[] IS NULL OR patient_id = ANY(%(patients)s::uuid[])
    GROUP BY patient_id, paper
)
