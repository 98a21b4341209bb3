"""Every word the facts, the rule sets and the decisions may use. Loading and parsing refuse all others."""

SETTINGS = ("office", "facility", "fqhc")
PRACTITIONERS = ("physician", "np", "pa", "cns", "cnm", "pt", "ot", "slp")
GLOBAL_PERIODS = ("none", "related", "unrelated_attested")
DUAL_POLICIES = ("never", "cms_2021")
DAY_POLICIES = ("best_device", "any_device")

# How firm the evidence is: A official text, B a reputable restatement, C several commercial pages that
# agree, K general knowledge still to be checked against a licensed code book.
MARKS = ("A", "B", "C", "K")

FAMILIES = ("setup", "device", "management", "interpretation")

HOLDS = frozenset({
    "no-live-contact", "no-consent", "no-order", "not-established", "no-necessity", "no-supervision",
    "practitioner-type", "no-device-data", "device-basis", "under-30-days", "other-practice", "rtm-conflict",
    "smbp-conflict", "global-period", "institutional", "setup-undocumented", "setup-days", "episode-review",
    "straddles-rule-sets", "dual-99091-review", "unsigned-time", "payer-diagnosis", "payer-code",
})  # fmt: skip

WARNINGS = frozenset({
    "below-minimum", "unit-limit", "live-chat-accepted", "99091-available", "days-split-over-devices",
    "two-windows", "unsigned-time", "global-attested",
})  # fmt: skip

# What a `[[check]]` of a rule set may be called, the hold it leads to, and the unit of its threshold
# (None: the check has no number). The code that asks each question is in the module of its family.
CHECKS = {
    "live-contact": ("no-live-contact", "contacts"),
    "signed-time": ("unsigned-time", None),
    "readings-management": ("no-device-data", "days"),
    "readings-99091": ("no-device-data", "days"),
    "spacing-device": ("under-30-days", "days"),
    "spacing-99091": ("under-30-days", "days"),
    "one-rule-set": ("straddles-rule-sets", None),
    "setup-documented": ("setup-undocumented", None),
    "setup-days": ("setup-days", "days"),
    "setup-episode": ("episode-review", None),
    "dual-99091": ("dual-99091-review", None),
    "code-covered": ("payer-code", None),
}

# The same for `[[precondition]]`: the fact it looks at and how. "by-month-end" is a date on or before the
# last day of the month; "one-of" takes a list of words.
PRECONDITIONS = {
    "consent": ("no-consent", "consent_on", "by-month-end"),
    "order": ("no-order", "order_signed_on", "by-month-end"),
    "established": ("not-established", "established_patient", "true"),
    "necessity": ("no-necessity", "necessity_documented", "true"),
    "supervision": ("no-supervision", "supervising_practitioner", "true"),
    "practitioner": ("practitioner-type", "practitioner_type", "one-of"),
    "diagnosis": ("payer-diagnosis", "diagnosis_allowed", "true"),
    "global": ("global-period", "global_period", "one-of"),
    "institution": ("institutional", "institutional_all_month", "false"),
    "device-basis": ("device-basis", "device_basis_on_file", "true"),
}

# And for `[[exclusion]]`: the hold. Where to look (`named_in`) and which codes are data.
EXCLUSIONS = {
    "rtm": "rtm-conflict",
    "smbp": "smbp-conflict",
    "other-device": "other-practice",
    "other-management": "other-practice",
    "other-99091": "other-practice",
}
CODE_LISTS = ("billed_by_us", "billed_elsewhere")
