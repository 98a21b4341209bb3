"""What the rules are told of a patient-month, and the records behind it."""
