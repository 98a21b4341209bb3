"""The decision once more, in another manner, to be compared with: plain values in, a tally by hand, no tables.

It is slow and blunt on purpose. It walks the minutes and the units one by one and knows the years by heart.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date, timedelta

DEVICE, MANAGEMENT = {"99453", "99454", "99445"}, {"99457", "99458", "99470"}
RTM = {str(code) for code in [*range(98975, 98982), *range(98984, 98987)]}
SMBP = {"99473", "99474"}


def decide(given: dict) -> dict:
    """Released units, held slugs, held units and warnings of facts given as JSON values."""
    month = Month(given)
    month.device()
    month.setup()
    month.time()
    if given.get("global_period") == "unrelated_attested":
        month.warn("global-attested")
    return month.answer()


class Month:
    def __init__(self, given: dict):
        self.given = given
        self.policy = given.get("policy", {})
        self.month = given["month"]
        year, number = map(int, self.month.split("-"))
        self.last = date(year, number, calendar.monthrange(year, number)[1])
        self.units: list[tuple[str, frozenset]] = []
        self.warnings: set[str] = set()

    def get(self, key, default=0):
        value = self.given.get(key)
        return default if value is None else value

    def warn(self, slug):
        self.warnings.add(slug)

    def answer(self):
        released, held, held_units = defaultdict(int), defaultdict(set), defaultdict(int)
        for code, slugs in self.units:
            if slugs:
                held[code] |= slugs
                held_units[code] += 1
            else:
                released[code] += 1
        return {
            "released": dict(released),
            "held": {code: sorted(slugs) for code, slugs in held.items()},
            "held_units": dict(held_units),
            "warnings": sorted(self.warnings),
        }

    # What holds everything, and what holds a family

    def common(self) -> set:
        slugs = set()
        for key, slug in (("consent_on", "no-consent"), ("order_signed_on", "no-order")):
            on = self.given.get(key)
            if on is None or date.fromisoformat(on) > self.last:
                slugs.add(slug)
        for key, slug in (
            ("established_patient", "not-established"),
            ("necessity_documented", "no-necessity"),
            ("supervising_practitioner", "no-supervision"),
        ):
            if not self.given.get(key, False):
                slugs.add(slug)
        if not self.given.get("diagnosis_allowed", True):
            slugs.add("payer-diagnosis")
        if self.given.get("practitioner_type", "physician") in {"pt", "ot", "slp"}:
            slugs.add("practitioner-type")
        if self.given.get("global_period", "none") == "related":
            slugs.add("global-period")
        if self.given.get("institutional_all_month", False):
            slugs.add("institutional")
        others = set(self.get("billed_by_us", [])) | set(self.get("billed_elsewhere", []))
        if others & RTM:
            slugs.add("rtm-conflict")
        if others & SMBP:
            slugs.add("smbp-conflict")
        return slugs

    def elsewhere(self, codes: set) -> set:
        return {"other-practice"} if set(self.get("billed_elsewhere", [])) & codes else set()

    def device_common(self) -> set:
        slugs = self.common() | self.elsewhere(DEVICE)
        return slugs if self.given.get("device_basis_on_file", False) else slugs | {"device-basis"}

    def uncovered(self, *codes: str) -> set:
        return {"payer-code"} if set(codes) & set(self.policy.get("codes_not_covered", [])) else set()

    # Device

    def code_of(self, days: int):
        if days >= 16:
            return "99454"
        return "99445" if days >= 2 and self.month >= "2026-01" else None

    def device(self):
        previous = [self.given["last_device_service_on"]] if self.given.get("last_device_service_on") else []
        earning = 0
        for window in sorted(self.get("device_windows", []), key=lambda each: each["ends_on"]):
            best = window.get("reading_days", 0)
            every = window.get("reading_days_any_device", best)
            one_only = self.policy.get("device_days", "best_device") == "best_device"
            days = best if one_only else every
            code = self.code_of(days)
            if one_only and self.code_of(every) != code:
                self.warn("days-split-over-devices")
            if code is None:
                if days:
                    self.warn("below-minimum")
                continue
            earning += 1
            slugs = self.device_common() | self.window_holds(window, previous) | self.uncovered(code)
            self.units.append((code, frozenset(slugs)))
            previous.append(window["ends_on"])
        if earning > 1:
            self.warn("two-windows")

    def window_holds(self, window: dict, previous: list) -> set:
        slugs = set()
        ends = date.fromisoformat(window["ends_on"])
        starts = (
            date.fromisoformat(window["starts_on"]) if "starts_on" in window else ends - timedelta(days=29)
        )
        if starts < date(2026, 1, 1) <= ends:
            slugs.add("straddles-rule-sets")
        if any(ends - date.fromisoformat(on) < timedelta(days=30) for on in previous):
            slugs.add("under-30-days")
        return slugs

    def setup(self):
        setup = self.given.get("setup")
        if not setup or setup.get("billed_in_episode", False):
            return
        slugs = self.device_common() | self.uncovered("99453")
        least = self.policy.get("setup_min_days", 2 if self.month >= "2026-01" else 16)
        if not setup.get("documented", False):
            slugs.add("setup-undocumented")
        if setup.get("first_window_reading_days", 0) < least:
            slugs.add("setup-days")
        if setup.get("episode_restarted", False):
            slugs.add("episode-review")
        self.units.append(("99453", frozenset(slugs)))

    # Time

    def ladder(self, seconds: int) -> tuple[list[str], bool]:
        """The codes of the units that seconds earn, minute by minute, and whether the limit was passed."""
        codes: list[str] = []
        passed = False
        for minute in range(1, min(seconds // 60, 400) + 1):
            if minute == 10 and self.month >= "2026-01":
                codes = ["99470"]
            elif minute == 20:
                codes = ["99457"]
            elif minute > 20 and minute % 20 == 0 and self.month >= "2020-01":
                if len(codes) - 1 < self.limit():
                    codes = [*codes, "99458"]
                else:
                    passed = True
        return codes, passed

    def limit(self) -> int:
        lawful = 3 if self.month >= "2023-07" else 2
        return min(lawful, self.policy.get("unit_limit_99458", lawful))

    def contacts(self) -> int:
        chats = self.get("live_chat_contacts") if self.policy.get("live_chat_counts", False) else 0
        return self.get("live_contacts") + chats

    def no_data(self) -> set:
        days = self.given.get("auto_reading_days_in_month")
        if days is None:
            days = sum(window.get("reading_days", 0) for window in self.get("device_windows", []))
        return set() if days else {"no-device-data"}

    def earns_99091(self) -> bool:
        return self.get("qhp_seconds_30_days", self.get("qhp_seconds")) >= 30 * 60

    def holds_99091(self) -> set:
        slugs = self.common() | self.no_data() | self.elsewhere({"99091"}) | self.uncovered("99091")
        last = self.given.get("last_99091_service_on")
        if last and self.last - date.fromisoformat(last) < timedelta(days=30):
            slugs.add("under-30-days")
        return slugs

    def split(self, unsigned: int = 0) -> tuple[int, str]:
        """The seconds of management, and what becomes of 99091: none, selected, available or dual."""
        staff = self.get("clinical_staff_seconds") + unsigned
        everything = staff + self.get("qhp_seconds")
        if not self.earns_99091():
            return everything, "none"
        if self.contacts() == 0 or not self.ladder(everything)[0]:
            return (everything if self.holds_99091() else staff), "selected"
        return (staff, "dual") if self.policy.get("dual_99091") == "cms_2021" else (everything, "available")

    def time(self):
        seconds, fate = self.split()
        if fate in {"selected", "dual"}:
            review = {"dual-99091-review"} if fate == "dual" else set()
            self.units.append(("99091", frozenset(self.holds_99091() | review)))
        if fate == "available":
            self.warn("99091-available")
        codes, passed = self.ladder(seconds)
        if passed:
            self.warn("unit-limit")
        if self.policy.get("live_chat_counts", False) and self.get("live_chat_contacts"):
            self.warn("live-chat-accepted")
        if not codes and (self.get("clinical_staff_seconds") or (fate == "none" and self.get("qhp_seconds"))):
            self.warn("below-minimum")
        self.management(codes)

    def management(self, codes: list[str]):
        slugs = self.common() | self.no_data() | self.elsewhere(MANAGEMENT)
        unsigned = self.get("unsigned_seconds")
        then = self.ladder(self.split(unsigned)[0])[0]
        if codes and unsigned and then != codes:
            slugs.add("unsigned-time")
        elif unsigned and (codes or then):
            self.warn("unsigned-time")
        for number, code in enumerate(codes, start=1):
            needed = number if self.policy.get("live_contact_per_unit", False) else 1
            talked = set() if self.contacts() >= needed else {"no-live-contact"}
            self.units.append((code, frozenset(slugs | talked | self.uncovered(codes[0], code))))
