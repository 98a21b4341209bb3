"""The payers a coverage may name, by slug. Their policies are rows of accounts."""

PAYERS = {
    "medicare": "Medicare Part B",
    "medicare-advantage": "Medicare Advantage",
    "medicaid": "Medicaid",
    "commercial": "Commercial plan",
}


def payer_label(slug: str) -> str:
    return PAYERS.get(slug, slug)
