"""From facts to decisions: codes, evidence, lines, explanations, the second count."""
