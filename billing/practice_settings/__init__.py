"""Who the practice is on its claims, where it works, and by which clock: dated, with reasons and what would change."""
