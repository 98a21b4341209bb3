"""What the floors above may listen to. Sent inside the request, before the session is emptied."""

from django.dispatch import Signal

# sender: None; user, practice (or None), at, reason ("idle", "by hand", "12 hours")
signing_out = Signal()

# sender: None; user, practice: somebody's role is about to be ended. Answers are sentences for who ends it, or None
role_ending = Signal()

# sender: None; user, practice, at: somebody has no role in the practice from now on, or none that logs time. May be
# sent again for the same end
role_ended = Signal()
