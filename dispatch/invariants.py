from audit.invariants import Invariant

INVARIANTS = (
    Invariant("outbox-drained", "SELECT id FROM dispatch_outboxmessage WHERE done_at IS NULL AND failed_at IS NULL AND created_at < now() - interval '15 minutes'"),
    Invariant("one-notice-per-cause", "SELECT max(id) FROM dispatch_notice GROUP BY recipient_id, cause HAVING count(*) > 1"),
)
