-- Every finished second of a month's drafts and signed sessions, once: as `counted`, or under the first reason for which
-- it does not count. The reasons and their order are those of the month's totals. Needs `limiting` and `papers`.
limited AS MATERIALIZED (
    SELECT DISTINCT patient_id FROM limiting
), person AS (
    SELECT DISTINCT user_id AS id FROM accounts_membership WHERE practice_id = %(practice)s
), worked AS MATERIALIZED (
    -- Nearly all segments are counted as they are, under papers that cover the month: only the others are cut. The month
    -- is written out where rows are looked for, so that PostgreSQL knows how many there will be.
    SELECT segment.entry_id, segment.staff_id, segment.activity, segment.evidence, entry.patient_id, author.role,
           entry.late, segment.during * tstzrange(%(starts_at)s, %(ends_at)s) AS during, counted.segment_id IS NOT NULL AS whole,
           CASE WHEN entry.status = 'draft' THEN 'not-signed'
                WHEN segment.activity <> ALL(%(activities)s) THEN 'not-countable'
                WHEN entry.needs_approval AND entry.approved_at IS NULL THEN 'needs-approval'
                WHEN counted.segment_id IS NOT NULL AND limited.patient_id IS NULL THEN 'counted' END AS why
    FROM person
    JOIN timelogs_timesegment AS segment ON segment.staff_id = person.id
        AND segment.during && tstzrange(%(starts_at)s, %(ends_at)s)
    JOIN timelogs_timeentry AS entry ON entry.id = segment.entry_id
    JOIN accounts_membership AS author ON author.id = entry.author_id
    LEFT JOIN timelogs_countedinterval AS counted ON counted.segment_id = segment.id AND counted.standing
        AND counted.during @> segment.during AND counted.during && tstzrange(%(starts_at)s, %(ends_at)s)
    LEFT JOIN limited ON limited.patient_id = entry.patient_id
    WHERE segment.practice_id = %(practice)s
      AND segment.standing
      AND NOT upper_inf(segment.during)
      AND entry.practice_id = %(practice)s
      AND entry.status IN ('draft', 'signed')
), allowed AS (
    -- A paper that was never recorded takes no time away, nor one that covers the month.
    SELECT patient_id,
           coalesce((array_agg(during) FILTER (WHERE paper = 'enrolled'))[1], '{(,)}') AS enrolled,
           coalesce((array_agg(during) FILTER (WHERE paper = 'agreed'))[1], '{(,)}') AS agreed,
           coalesce((array_agg(during) FILTER (WHERE paper = 'ordered'))[1], '{(,)}') AS ordered,
           coalesce((array_agg(during) FILTER (WHERE paper = 'visit'))[1], '{}') AS visits
    FROM papers
    GROUP BY patient_id
), compared AS MATERIALIZED (
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, during,
           coalesce(enrolled, '{(,)}') AS enrolled, coalesce(agreed, '{(,)}') AS agreed,
           coalesce(ordered, '{(,)}') AS ordered, coalesce(visits, '{}') AS visits,
           whole AND (enrolled IS NULL OR during <@ enrolled AND during <@ agreed AND during <@ ordered
                      AND NOT during && visits) AS whole
    FROM worked
    LEFT JOIN allowed USING (patient_id)
    WHERE why IS NULL
), held AS (
    SELECT interval.entry_id, range_agg(interval.during * tstzrange(%(starts_at)s, %(ends_at)s)) AS during
    FROM timelogs_countedinterval AS interval
    WHERE interval.practice_id = %(practice)s AND interval.standing
      AND interval.during && tstzrange(%(starts_at)s, %(ends_at)s)
      AND interval.entry_id IN (SELECT entry_id FROM compared WHERE NOT whole)
    GROUP BY interval.entry_id
), judged AS (
    SELECT compared.*, coalesce(held.during, '{}') AS counted
    FROM compared
    LEFT JOIN held USING (entry_id)
    WHERE NOT whole
), shares AS (
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, during, why,
           upper(during) - lower(during) AS took
    FROM worked
    WHERE why IS NOT NULL
    UNION ALL
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, during, 'counted',
           upper(during) - lower(during)
    FROM compared
    WHERE whole
    UNION ALL
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, judged.during,
           share.why, (SELECT sum(upper(part) - lower(part)) FROM unnest(share.parts) AS part)
    FROM judged
    CROSS JOIN LATERAL (SELECT tstzmultirange(judged.during) * judged.counted AS held) AS mine
    CROSS JOIN LATERAL (VALUES
        ('counted', held * enrolled * agreed * ordered - visits),
        ('concurrent', tstzmultirange(judged.during) - held),
        ('not-enrolled', held - enrolled),
        ('before-consent', held * enrolled - agreed),
        ('before-order', held * enrolled * agreed - ordered),
        ('same-day-visit', held * enrolled * agreed * ordered * visits)
    ) AS share (why, parts)
    WHERE NOT isempty(share.parts)
)
