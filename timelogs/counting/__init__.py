"""Which time counts: segments, overlaps, eligibility, what a month comes to and why the rest does not."""
