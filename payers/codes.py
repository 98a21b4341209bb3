"""The words of a payer's settings: kinds of plans, claim filing codes, places of service. Data, no code."""

from django.db.models import TextChoices


class PlanKind(TextChoices):
    MEDICARE = "medicare", "Medicare Part B"
    MEDICARE_ADVANTAGE = "medicare_advantage", "Medicare Advantage"
    MEDICAID = "medicaid", "Medicaid"
    COMMERCIAL = "commercial", "Commercial"
    FEDERAL = "federal", "Other federal (TRICARE, VA)"
    OTHER = "other", "Other (workers’ compensation, auto, liability)"
    SELF_PAY = "self_pay", "Self-pay: no claim is sent"


class DeviceDates(TextChoices):
    """What stands as the date of service on a device line of a claim."""

    RANGE = "range", "First to last day of the 30 days"
    LAST_DAY = "last_day", "Last day of the 30 days alone"


class Usage(TextChoices):
    """What an electronic claim to the payer says it is."""

    TEST = "test", "Test"
    PRODUCTION = "production", "Production"


# Claim filing indicator codes of the 837P (SBR09, 005010X222A1).
FILING_CODES = {
    "11": "Other non-federal program",
    "12": "Preferred provider organization (PPO)",
    "13": "Point of service (POS)",
    "14": "Exclusive provider organization (EPO)",
    "15": "Indemnity insurance",
    "16": "Medicare Advantage (HMO Medicare risk)",
    "AM": "Automobile medical",
    "BL": "Blue Cross Blue Shield",
    "CH": "TRICARE (CHAMPUS)",
    "CI": "Commercial insurance",
    "DS": "Disability",
    "FI": "Federal employees program",
    "HM": "Health maintenance organization (HMO)",
    "LM": "Liability medical",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "OF": "Other federal program",
    "TV": "Title V",
    "VA": "Veterans affairs plan",
    "WC": "Workers’ compensation",
    "ZZ": "Mutually defined",
}

# Which of them a kind of plan is filed under. Self-pay is filed under none.
FILED_UNDER = {
    PlanKind.MEDICARE: ("MB",),
    PlanKind.MEDICARE_ADVANTAGE: ("16", "12", "13", "BL", "CI", "HM"),
    PlanKind.MEDICAID: ("MC", "HM", "TV"),
    PlanKind.COMMERCIAL: ("CI", "11", "12", "13", "14", "15", "BL", "FI", "HM", "ZZ"),
    PlanKind.FEDERAL: ("CH", "FI", "OF", "VA"),
    PlanKind.OTHER: ("WC", "AM", "DS", "LM", "11", "ZZ"),
    PlanKind.SELF_PAY: ("",),
}

# Places of service of CMS under which remote monitoring is billed (CLM05-1).
PLACES_OF_SERVICE = {
    "02": "Telehealth, not in the patient’s home",
    "10": "Telehealth in the patient’s home",
    "11": "Office",
    "12": "Home",
    "19": "Off-campus outpatient hospital",
    "22": "On-campus outpatient hospital",
    "49": "Independent clinic",
    "50": "Federally qualified health center",
    "71": "Public health clinic",
    "72": "Rural health clinic",
}
