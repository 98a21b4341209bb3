"""Making a session final and what may follow: amend, void, approve, add words, let two people's time both count."""
