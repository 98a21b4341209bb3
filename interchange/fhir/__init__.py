"""FHIR R4: patients, coverages and readings come in, and are read with devices, by programs with a token."""
