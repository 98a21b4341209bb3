from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "outbox-drained",
        """SELECT id FROM dispatch_outboxmessage
           WHERE done_at IS NULL AND created_at < now() - interval '15 minutes'""",
    ),
    Invariant(
        "mails-go-out",
        """SELECT d.id FROM dispatch_emaildelivery d JOIN dispatch_notice n ON n.id = d.notice_id
           WHERE d.sent_at IS NULL AND n.withdrawn_at IS NULL
               AND (d.digest_at IS NULL OR (n.read_at IS NULL AND n.done_at IS NULL))
               AND greatest(d.digest_at, n.created_at) < now() - interval '24 hours'""",
    ),
    Invariant(
        "one-notice-per-cause",
        "SELECT max(id) FROM dispatch_notice GROUP BY recipient_id, cause HAVING count(*) > 1",
    ),
    Invariant(
        "one-operation-per-id",
        "SELECT max(id) FROM dispatch_operation GROUP BY practice_id, operation_id HAVING count(*) > 1",
    ),
    # An operation commits together with its answer, or not at all.
    Invariant("operation-has-its-answer", "SELECT id FROM dispatch_operation WHERE status IS NULL"),
)
