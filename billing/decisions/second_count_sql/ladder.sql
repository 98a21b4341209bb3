-- The management ladder on whole seconds, on all of them and on the staff's alone. Needs `totals`.
laddered AS (
    SELECT totals.*, judged.who, judged.seconds / 60 AS minutes,
           CASE WHEN %(month)s::date < '2020-01-01' THEN 0
                WHEN %(month)s::date < '2023-07-01' THEN 2
                ELSE 3 END AS unit_limit
    FROM totals CROSS JOIN LATERAL (VALUES ('all', whole), ('staff', staff)) AS judged (who, seconds)
), coded AS (
    SELECT patient_id, who, staff, whole - staff AS qhp,
           CASE WHEN minutes >= 20 THEN '99457'
                WHEN minutes >= 10 AND %(month)s::date >= '2026-01-01' THEN '99470' END AS base,
           greatest(least((minutes - 20) / 20, unit_limit), 0) AS units
    FROM laddered
)
SELECT patient_id, max(staff), max(qhp),
       max(base) FILTER (WHERE who = 'all'), max(units) FILTER (WHERE who = 'all'),
       max(base) FILTER (WHERE who = 'staff'), max(units) FILTER (WHERE who = 'staff')
FROM coded
GROUP BY patient_id
