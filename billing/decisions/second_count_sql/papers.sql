-- When a patient's time may count: the days in `chosen` as moments of the practice's clocks.
midnights AS (
    SELECT chosen.*, since::timestamp AT TIME ZONE %(zone)s AS since_at, until::timestamp AT TIME ZONE %(zone)s AS until_at
    FROM chosen
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
    GROUP BY patient_id, paper
)
