"""National provider identifiers."""

import re

_NPI = re.compile(r"[12][0-9]{9}")


def why_not_npi(number: str) -> str | None:
    """What is wrong with an NPI, or None: ten digits, the last one a Luhn check over 80840 and the number."""
    if _NPI.fullmatch(number) and _luhn("80840" + number):
        return None
    return "NPI must be 10 digits and pass its check digit. Check for a swapped digit"


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
