-- Every finished second of a month's drafts and signed sessions, once: as `counted`, or under the first reason for which
-- it does not count. The reasons and their order are those of the month's totals. Needs `papers`.
month AS (
    SELECT tstzrange(%(starts_at)s, %(ends_at)s) AS during
), person AS (
    SELECT DISTINCT user_id AS id FROM accounts_membership WHERE practice_id = %(practice)s
), worked AS (
    SELECT segment.entry_id, segment.staff_id, segment.activity, segment.evidence, entry.patient_id, author.role,
           entry.late, segment.during * month.during AS during,
           CASE WHEN entry.status = 'draft' THEN 'not-signed'
                WHEN segment.activity <> ALL(%(activities)s) THEN 'not-countable'
                WHEN entry.needs_approval AND entry.approved_at IS NULL THEN 'needs-approval' END AS reason
    FROM person
    JOIN month ON true
    JOIN timelogs_timesegment AS segment ON segment.staff_id = person.id AND segment.during && month.during
    JOIN timelogs_timeentry AS entry ON entry.id = segment.entry_id
    JOIN accounts_membership AS author ON author.id = entry.author_id
    WHERE segment.practice_id = %(practice)s
      AND segment.standing
      AND NOT upper_inf(segment.during)
      AND entry.status IN ('draft', 'signed')
), held AS (
    SELECT interval.entry_id, range_agg(interval.during * month.during) AS during
    FROM person
    JOIN month ON true
    JOIN timelogs_countedinterval AS interval ON interval.staff_id = person.id AND interval.during && month.during
    WHERE interval.practice_id = %(practice)s AND interval.standing
    GROUP BY interval.entry_id
), allowed AS (
    -- A paper that was never recorded takes no time away.
    SELECT patient_id,
           coalesce((array_agg(during) FILTER (WHERE paper = 'enrolled'))[1], '{(,)}') AS enrolled,
           coalesce((array_agg(during) FILTER (WHERE paper = 'agreed'))[1], '{(,)}') AS agreed,
           coalesce((array_agg(during) FILTER (WHERE paper = 'ordered'))[1], '{(,)}') AS ordered,
           coalesce((array_agg(during) FILTER (WHERE paper = 'visit'))[1], '{}') AS visits
    FROM papers
    GROUP BY patient_id
), judged AS (
    SELECT worked.*, coalesce(held.during, '{}') AS counted,
           coalesce(enrolled, '{(,)}') AS enrolled, coalesce(agreed, '{(,)}') AS agreed,
           coalesce(ordered, '{(,)}') AS ordered, coalesce(visits, '{}') AS visits
    FROM worked
    LEFT JOIN held USING (entry_id)
    LEFT JOIN allowed USING (patient_id)
), sorted AS (
    -- Most segments count as a whole: only the others are cut.
    SELECT judged.*, reason IS NULL AND during <@ counted AND during <@ enrolled AND during <@ agreed
           AND during <@ ordered AND NOT during && visits AS whole
    FROM judged
), shares AS (
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, during,
           coalesce(reason, 'counted') AS why, extract(epoch FROM upper(during) - lower(during)) AS seconds
    FROM sorted
    WHERE whole OR reason IS NOT NULL
    UNION ALL
    SELECT entry_id, staff_id, activity, evidence, patient_id, role, late, sorted.during,
           share.why, extract(epoch FROM upper(part) - lower(part))
    FROM sorted
    CROSS JOIN LATERAL (SELECT tstzmultirange(sorted.during) * sorted.counted AS held) AS mine
    CROSS JOIN LATERAL (VALUES
        ('counted', held * enrolled * agreed * ordered - visits),
        ('concurrent', tstzmultirange(sorted.during) - held),
        ('not-enrolled', held - enrolled),
        ('before-consent', held * enrolled - agreed),
        ('before-order', held * enrolled * agreed - ordered),
        ('same-day-visit', held * enrolled * agreed * ordered * visits)
    ) AS share (why, parts)
    CROSS JOIN LATERAL unnest(share.parts) AS part
    WHERE NOT whole AND reason IS NULL
)
