"""How many patients' months will probably get where, from what the practice's own past months went on to do."""
