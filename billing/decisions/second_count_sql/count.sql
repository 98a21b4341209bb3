-- A second once: each segment of signed work without what others signed before it, unless a reviewer lets the two count
-- both; then inside enrollment, consent and order, without the days of office visits. Whole seconds of the exact sum,
-- whole minutes of those, and the ladder.
month AS (
    SELECT tstzrange(%(starts_at)s, %(ends_at)s) AS during
), signed AS (
    SELECT entry.patient_id, entry.signed_at, entry.id AS entry_id, segment.id AS segment_id,
           segment.activity, author.staff_kind,
           segment.during * month.during AS during
    FROM timelogs_timesegment AS segment
    JOIN timelogs_timeentry AS entry ON entry.id = segment.entry_id
    JOIN accounts_membership AS author ON author.id = entry.author_id
    JOIN month ON segment.during && month.during
    WHERE segment.practice_id = %(practice)s
      AND entry.patient_id = ANY(%(patients)s::uuid[])
      AND segment.standing
      AND segment.activity = ANY(%(activities)s)
      AND entry.status = 'signed'
      AND (entry.approved_at IS NOT NULL OR NOT entry.needs_approval)
), taken AS (
    SELECT later.segment_id, range_agg(earlier.during) AS during
    FROM signed AS later
    JOIN signed AS earlier ON earlier.patient_id = later.patient_id AND earlier.during && later.during
        AND (earlier.signed_at, earlier.entry_id) < (later.signed_at, later.entry_id)
    LEFT JOIN timelogs_concurrence AS both_count ON both_count.ended_at IS NULL
        AND both_count.entry_id = least(earlier.entry_id, later.entry_id)
        AND both_count.other_id = greatest(earlier.entry_id, later.entry_id)
        AND 'attempt' NOT IN (earlier.activity, later.activity)
    WHERE both_count.id IS NULL
    GROUP BY later.segment_id
), once AS (
    SELECT patient_id,
           coalesce((SELECT interval.staff_kind FROM timelogs_countedinterval AS interval
                     WHERE interval.entry_id = signed.entry_id ORDER BY interval.stood_from, interval.id LIMIT 1),
                    staff_kind) = 'qhp' AS qhp,
           tstzmultirange(signed.during) - coalesce(taken.during, '{}') AS during
    FROM signed LEFT JOIN taken USING (segment_id)
), counted AS (
    -- A paper that was never recorded takes no time away: it holds the codes by its own name.
    SELECT once.patient_id, once.qhp,
           once.during
           * coalesce((SELECT during FROM papers WHERE patient_id = once.patient_id AND paper = 'enrolled'), '{(,)}')
           * coalesce((SELECT during FROM papers WHERE patient_id = once.patient_id AND paper = 'agreed'), '{(,)}')
           * coalesce((SELECT during FROM papers WHERE patient_id = once.patient_id AND paper = 'ordered'), '{(,)}')
           - coalesce((SELECT during FROM papers WHERE patient_id = once.patient_id AND paper = 'visit'), '{}') AS during
    FROM once
), parts AS (
    SELECT counted.patient_id, counted.qhp, extract(epoch FROM upper(part) - lower(part)) AS seconds
    FROM counted CROSS JOIN LATERAL unnest(counted.during) AS part
), totals AS (
    SELECT asked.patient_id,
           coalesce(floor(sum(seconds)), 0)::integer AS whole,
           coalesce(floor(sum(seconds) FILTER (WHERE NOT qhp)), 0)::integer AS staff
    FROM unnest(%(patients)s::uuid[]) AS asked (patient_id) LEFT JOIN parts USING (patient_id)
    GROUP BY asked.patient_id
)
