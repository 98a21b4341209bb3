"""What kinds of values a policy takes, each with its words."""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in a range. `one` is its unit; `before` stands in front of it; `zero` is what 0 means instead."""

    low: int
    high: int
    one: str = ""
    before: str = ""
    zero: str = ""

    def accepts(self, value: Any) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def words(self, value: int) -> str:
        if value == 0 and self.zero:
            return self.zero
        unit = f" {self.one}{'' if value == 1 else 's'}" if self.one else ""
        return f"{self.before}{value}{unit}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values, each with its words."""

    options: dict[Any, str]

    def accepts(self, value: Any) -> bool:
        return type(value) in map(type, self.options) and value in self.options

    def words(self, value: Any) -> str:
        return self.options.get(value, str(value))


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """ICD-10-CM codes or beginnings of codes: `["I50", "O10.1"]`; none means any."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(code, str) and re.fullmatch(r"[A-Z][0-9]([0-9A-Z](\.[0-9A-Z]{0,4})?)?", code)
            for code in value
        )

    def words(self, value: list[str]) -> str:
        return ", ".join(value) if value else "any diagnosis"


# The codes of remote monitoring and of the interpretation of its data, of whatever year.
RPM_CODES = ("99091", "99445", "99453", "99454", "99457", "99458", "99470")


@dataclass(frozen=True, slots=True)
class Codes:
    """Some of the codes of remote monitoring, in order: `["99445", "99470"]`."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, list) and value == [code for code in RPM_CODES if code in value]

    def words(self, value: list[str]) -> str:
        return ", ".join(value) if value else "none"


YES_NO = Choice({True: "yes", False: "no"})
