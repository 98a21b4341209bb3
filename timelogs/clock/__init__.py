"""The running clock: its acts, silence and gaps, how it looks, what starts and stops it."""
