"""FHIR R4: patients and coverages come in, and are read, by programs with a token."""
