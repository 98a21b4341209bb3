"""The session's note: its fields, drafts, conflicts between two screens, kinds of entry, the check of its words."""
