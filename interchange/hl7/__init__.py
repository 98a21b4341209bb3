"""HL7 version 2: messages of other systems, and the acknowledgment of each. docs/adr/0022 says why it is read so."""
