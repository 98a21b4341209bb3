-- Papers that may take time of the month away: rows that do not cover all of it, with the others of their kind, and visits
-- in it. Most patients have none, and their time is compared with no paper. A day's margin, so that midnights decide.
limiting AS MATERIALIZED (
    SELECT DISTINCT patient_id, paper
    FROM days
    WHERE CASE WHEN paper = 'visit' THEN since <= %(next)s AND until >= %(first)s
               ELSE (since < %(first)s AND coalesce(until > %(next)s, true)) IS NOT TRUE END
), chosen AS (
    SELECT * FROM days WHERE (patient_id, paper) IN (SELECT patient_id, paper FROM limiting)
)
