"""Makes labelled notes: sentences filled from a patient's facts, some of them wrong on purpose.

The label is what was done to the note, never what the lint said of it: this module does not import the lint.
"""

import random
import zlib
from datetime import date, timedelta

from tests.note_lint import phrases

SEED = 20260314
NOTES = 420
HELD_OUT = "held out"
SEEN = "seen"

_UNITS = {"blood_pressure": "mmHg", "heart_rate": "/min", "glucose": "mg/dL", "weight": "kg", "spo2": "%"}
_ABOUT = {
    "blood_pressure": phrases.PRESSURE,
    "weight": phrases.WEIGHT,
    "spo2": phrases.OXYGEN,
    "glucose": phrases.SUGAR,
    "heart_rate": phrases.PULSE,
}


def part_of(text: str) -> str:
    """Which part a note belongs to, by a hash of its id: one third is held out."""
    return HELD_OUT if zlib.crc32(text.encode()) % 3 == 0 else SEEN


def sentences_of(part: str, sentences: tuple[str, ...]) -> list[str]:
    """The sentences that this part alone may use: the third with the lowest hashes is held out."""
    ranked = sorted(sentences, key=lambda sentence: zlib.crc32(sentence.encode()))
    third = -(-len(ranked) // 3)
    return ranked[:third] if part == HELD_OUT else ranked[third:]


def notes(seed: int = SEED, count: int = NOTES) -> list[dict]:
    """The generated corpus; the same for the same seed."""
    return [_note(f"g{seed}-{number}", seed) for number in range(count)]


def _note(name: str, seed: int) -> dict:
    maker = Maker(random.Random(f"{seed}/{name}"), part_of(name))
    return {"id": name, "part": maker.part, **maker.note()}


class Maker:
    """One note on its way; `labels` grow as things are done to it."""

    def __init__(self, rng: random.Random, part: str):
        self.rng, self.part = rng, part
        self.facts = _facts(rng)
        self.call, self.session = rng.randint(150, 900), 0
        self.session = self.call + rng.randint(120, 900)
        self.fields = {"data_note": [], "said": [], "action_detail": []}
        self.labels: list[dict] = []

    def pick(self, sentences) -> str:
        return self.rng.choice(sentences_of(self.part, tuple(sentences)))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def add(self, field: str, sentence: str, kind: str = "", quote: str = "") -> None:
        self.fields[field].append(sentence)
        if kind:
            self.labels.append({"kind": kind, "field": field, "quote": quote or sentence})

    def note(self) -> dict:
        self._data()
        contact = self._communication()
        self._lengths(spoken=contact["party"] not in {"none", ""} or bool(self.fields["said"]))
        self._action()
        self._vagueness()
        texts = {field: " ".join(self._mixed(said)) for field, said in self.fields.items()}
        made = {**texts, **contact, "facts": self.facts, "labels": self.labels}
        made |= {"call_seconds": self.call if self.fields["said"] else None, "session_seconds": self.session}
        return made | {"earlier": self._earlier(texts)}

    def _mixed(self, sentences: list[str]) -> list[str]:
        return self.rng.sample(sentences, len(sentences))

    # ---- Numbers ------------------------------------------------------------------------------------------

    def _data(self) -> None:
        for _ in range(self.rng.randint(1, 2)):
            self._reading(wrong=self.chance(0.28))
        for _ in range(self.rng.choice([0, 0, 1, 1, 2])):
            self.add(self.rng.choice(["data_note", "action_detail"]), self.pick(phrases.OTHER_NUMBERS))

    def _reading(self, *, wrong: bool) -> None:
        fact = self.rng.choice(self.facts)
        sentences = phrases.COUNTS if self.chance(0.3) else _ABOUT[fact["measure"]]
        sentence = self.pick(sentences)
        slots = [word.split("}")[0] for word in sentence.split("{")[1:]]
        spoiled = self.rng.choice(slots) if wrong else ""
        filler, quote = Filler(self.rng, fact, self.facts), ""
        for slot in slots:
            value = filler.fill(slot, wrong=slot == spoiled)
            quote = value if slot == spoiled else quote
            sentence = sentence.replace("{" + slot + "}", value, 1)
        sentence = _singular(sentence)
        # In what was said only a sentence about the device may stand; the data note is the usual place.
        field = "data_note" if self.chance(0.85) else "action_detail"
        self.add(field, sentence, "number-not-in-readings" if wrong else "", quote)

    # ---- Who and how --------------------------------------------------------------------------------------

    def _communication(self) -> dict:
        kind = self.rng.choice(["patient"] * 5 + ["caregiver"] * 3 + ["none"] * 2)
        return getattr(self, f"_{kind}")()

    def _patient(self) -> dict:
        contact = {"party": "patient", "method": self.rng.choice(["phone", "video"]), "party_name": ""}
        self.add("said", self.pick(phrases.SAID))
        if self.chance(0.2):
            self.add("said", self.pick(phrases.SAID))
        if self.chance(0.28):
            contact[self.rng.choice(["party", "method"])] = ""
            self._unclear()
        return contact

    def _caregiver(self) -> dict:
        relation = self.rng.choice(phrases.RELATIONS)
        sentence = self.pick(phrases.CAREGIVER_SAID)
        self.add("said", sentence.format(relation=relation, relation_lower=relation.lower()))
        contact = {"party": "caregiver", "method": "phone", "party_name": self.rng.choice(["Ana", "Lee Kim"])}
        if self.chance(0.4):
            contact["party_name"] = ""
            self._unclear()
        return contact

    def _none(self) -> dict:
        if self.chance(0.7):
            self.add("action_detail", self.pick(phrases.NO_CONTACT))
        party = self.rng.choice(["none", "none", ""])
        if self.chance(0.25):
            self.add("action_detail", self.pick(phrases.SAID))
            self._unclear()
        return {"party": party, "method": "", "party_name": ""}

    def _unclear(self) -> None:
        self.labels.append({"kind": "who-or-how-missing", "field": "", "quote": ""})

    # ---- Minutes ------------------------------------------------------------------------------------------

    def _lengths(self, *, spoken: bool) -> None:
        if self.fields["said"] and spoken and self.chance(0.45):
            self._length("said", phrases.CALL_LENGTH, self.call)
        if self.chance(0.4):
            # Where nobody was spoken with, a total that mentions a call would be a defect of its own.
            lengths = (
                phrases.SESSION_LENGTH if spoken else [s for s in phrases.SESSION_LENGTH if "call" not in s]
            )
            self._length("action_detail", lengths, self.session)
        if self.chance(0.4):
            field = "said" if self.fields["said"] else "action_detail"
            self.add(field, self.pick(phrases.OTHER_MINUTES))

    def _length(self, field: str, sentences, seconds: int) -> None:
        wrong = self.chance(0.45)
        minutes = self.rng.choice([seconds // 60, -(-seconds // 60)])
        if wrong:
            minutes += self.rng.choice([n for n in (-6, -4, -3, 3, 5, 8, 12, 20) if minutes + n > 0])
        sentence = self.pick(sentences).replace("{m}", str(minutes))
        self.add(field, sentence, "minutes-not-the-clock" if wrong else "")

    # ---- Words --------------------------------------------------------------------------------------------

    def _action(self) -> None:
        for _ in range(self.rng.choice([1, 1, 2])):
            self.add("action_detail", self.pick(phrases.DECIDED))

    def _vagueness(self) -> None:
        """Empties one field into phrases that say nothing, or into ones that only begin so."""
        field = self.rng.choice(["data_note", "action_detail", "data_note", "said"])
        chosen = self.rng.random()
        if chosen > 0.5 or (field == "said" and not self.fields["said"]):
            return
        if any(label["kind"] == "who-or-how-missing" for label in self.labels) and field != "data_note":
            return
        self.fields[field] = []
        self.labels = [label for label in self.labels if label["field"] != field]
        if chosen > 0.32:
            self.add(field, self.pick(phrases.VAGUE_THEN_CONCRETE))
            return
        # A label with minutes would be a second defect, against the clock: such a note tells nothing apart.
        plain = [s for s in phrases.VAGUE if field == "data_note" or "20" not in s]
        if not self.fields["said"] and field != "said":
            plain = [s for s in plain if not any(word in s for word in ("Call", "check-in", "discussed"))]
        said = {self.pick(plain) for _ in range(self.rng.choice([1, 1, 2]))}
        if any("20" in sentence for sentence in said):
            self.session = 20 * 60 + self.rng.randint(0, 40)
            self.labels = [label for label in self.labels if label["kind"] != "minutes-not-the-clock"]
            self._without_lengths()
        for sentence in sorted(said):
            self.add(field, sentence)
        self.labels.append({"kind": "vague", "field": field, "quote": ""})

    def _without_lengths(self) -> None:
        for field in ("said", "action_detail"):
            kept = [s for s in self.fields[field] if not _speaks_of_length(s)]
            self.fields[field] = kept

    # ---- Earlier notes ------------------------------------------------------------------------------------

    def _earlier(self, texts: dict) -> str:
        """A note signed before: almost this one (then it is a near-copy), half of it, or something else."""
        said, decided = texts["said"], texts["action_detail"]
        whole = f"{said} {decided}".strip()
        chosen = self.rng.random()
        if chosen < 0.25 and len(whole) >= 90:
            self.labels.append({"kind": "near-copy", "field": "", "quote": ""})
            return self._edited(whole)
        if chosen < 0.5:
            return (
                f"{self.pick(phrases.SAID)} {self.pick(phrases.DECIDED)} {self.pick(phrases.OTHER_MINUTES)}"
            )
        if chosen < 0.65:
            words = whole.split()
            return " ".join(words[: len(words) // 2]) + " " + self.pick(phrases.SAID)
        return ""

    def _edited(self, text: str) -> str:
        """What copying forward leaves: one word in fifteen changed, perhaps a word more."""
        words = text.split()
        for _ in range(max(1, len(words) // 15)):
            words[self.rng.randrange(len(words))] = self.rng.choice(["again", "today", "also", "7", "Friday"])
        if self.chance(0.5):
            words.append(self.rng.choice(["Noted.", "Thanks.", "Recheck soon."]))
        return " ".join(words)


def _speaks_of_length(sentence: str) -> bool:
    stems = [s.split("{m}") for s in (*phrases.CALL_LENGTH, *phrases.SESSION_LENGTH)]
    return any(sentence.startswith(head) and sentence.endswith(tail) for head, tail in stems)


def _singular(sentence: str) -> str:
    for word in ("days", "readings"):
        sentence = f" {sentence}".replace(f" 1 {word}", f" 1 {word[:-1]}").strip()
    return sentence


def _facts(rng: random.Random) -> list[dict]:
    since = date(2026, 1, 1) + timedelta(days=rng.randrange(300))
    length = rng.choice([10, 14, 14, 20])
    frame = {"since": since.isoformat(), "until": (since + timedelta(days=length - 1)).isoformat()}
    days = rng.randint(6, length)
    facts = [_pressure(rng, frame, days)] if rng.random() < 0.85 else []
    if facts and rng.random() < 0.4:
        low = rng.randint(56, 72)
        facts.append(_fact("heart_rate", frame, facts[0]["count"], days, low, low + rng.randint(4, 20)))
    if not facts or rng.random() < 0.5:
        facts.append(_single(rng, frame, days))
    return facts


def _pressure(rng, frame, days) -> dict:
    low, second = rng.randint(116, 136), rng.randint(68, 82)
    count, above = days + rng.randint(0, days), rng.randint(0, days)
    fact = _fact("blood_pressure", frame, count, days, low, low + rng.randint(10, 32))
    fact |= {"second_low": str(second), "second_high": str(second + rng.randint(8, 18))}
    return fact | {"days_above": above, "days_out_of_range": above}


def _single(rng, frame, days) -> dict:
    measure = rng.choice(["weight", "weight", "spo2", "glucose"])
    tenths, spread, tiny = {
        "weight": (rng.randint(580, 1150), 15, 10),
        "spo2": (rng.randint(88, 93), 4, 1),
    }.get(measure, (rng.randint(88, 120), 90, 1))
    low, high = tenths / tiny, (tenths + rng.randint(2, spread)) / tiny
    shown = (lambda v: f"{v:.1f}") if tiny == 10 else (lambda v: f"{v:.0f}")
    return _fact(measure, frame, days, days, shown(low), shown(high))


def _fact(measure, frame, count, days, low, high) -> dict:
    return {
        "measure": measure,
        "unit": _UNITS[measure],
        **frame,
        "count": count,
        "days": days,
        "low": str(low),
        "high": str(high),
        "second_low": None,
        "second_high": None,
        "days_above": 0,
        "days_out_of_range": 0,
    }


class Filler:
    """Writes values of one fact the way people type them; wrong ones lie clearly outside what is stored."""

    def __init__(self, rng: random.Random, fact: dict, facts: list[dict]):
        self.rng, self.fact, self.facts = rng, fact, facts
        self.dash = rng.choice(["-", "–", "-", " - ", " to "])
        self.comma = rng.random() < 0.2

    def fill(self, slot: str, *, wrong: bool) -> str:
        if slot in {"count", "days", "above", "out"}:
            return self._count(slot, wrong)
        return getattr(self, f"_{slot}")(wrong)

    def _count(self, slot, wrong) -> str:
        name = {"above": "days_above", "out": "days_out_of_range"}.get(slot, slot)
        if not wrong:
            return str(self.fact[name])
        taken = {fact[name] for fact in self.facts} | {sum(fact[name] for fact in self.facts)}
        if slot in {"above", "out"}:
            taken |= {fact["days_above"] for fact in self.facts} | {
                fact["days_out_of_range"] for fact in self.facts
            }
        # "Over 14 days" is true of a fortnight in which the cuff was used on ten.
        taken.add((date.fromisoformat(self.fact["until"]) - date.fromisoformat(self.fact["since"])).days + 1)
        return str(self.rng.choice([n for n in range(1, self.fact[name] + 9) if n not in taken]))

    def _number(self, wrong: bool, name: str = "", by: float = 1) -> float:
        low, high = float(self.fact[f"{name}low"]), float(self.fact[f"{name}high"])
        if not wrong:
            return self.rng.choice([low, high, low + (high - low) * self.rng.random()])
        away = self.rng.randint(2, 18) * by
        return high + away if self.rng.random() < 0.6 else low - away

    def _pair(self, wrong: bool) -> tuple[int, int]:
        first, second = (wrong, False) if self.rng.random() < 0.7 else (False, wrong)
        return round(self._number(first)), round(self._number(second, "second_"))

    def _bp(self, wrong) -> str:
        top, bottom = self._pair(wrong)
        return f"{top}{self.rng.choice(['/', '/', '/', ' / '])}{bottom}"

    def _bprange(self, wrong) -> str:
        low, high, second, other = (int(self.fact[n]) for n in ("low", "high", "second_low", "second_high"))
        if wrong:
            away = self.rng.randint(3, 15)
            low, high = (low - away, high) if self.rng.random() < 0.4 else (low, high + away)
        if self.rng.random() < 0.3 and self.dash != " to ":
            return f"{low}/{second}{self.dash}{high}/{other}"
        return f"{low}{self.dash}{high}/{second}{self.dash}{other}"

    def _bplow(self, wrong) -> str:
        away = self.rng.randint(3, 12) if wrong else 0
        return f"{int(self.fact['low']) - away}/{self.fact['second_low']}"

    def _bphigh(self, wrong) -> str:
        away = self.rng.randint(3, 12) if wrong else 0
        return f"{int(self.fact['high']) + away}/{self.fact['second_high']}"

    def _sys(self, wrong) -> str:
        return str(round(self._number(wrong)))

    def _dia(self, wrong) -> str:
        return str(round(self._number(wrong, "second_")))

    _spo2 = _glucose = _pulse = _sys

    def _range(self, wrong: bool, name: str = "", shown=round) -> str:
        low, high = float(self.fact[f"{name}low"]), float(self.fact[f"{name}high"])
        away = self.rng.randint(3, 12) if wrong else 0
        return f"{shown(low)}{self.dash}{shown(high + away)}"

    _sysrange = _spo2range = _glucoserange = _pulserange = _range

    def _diarange(self, wrong) -> str:
        return self._range(wrong, "second_")

    def _tenths(self, value: float) -> str:
        return f"{value:.1f}".replace(".", ",") if self.comma else f"{value:.1f}"

    def _weight(self, wrong) -> str:
        return self._tenths(self._number(wrong))

    def _weightrange(self, wrong) -> str:
        return self._range(wrong, shown=self._tenths)

    def _lb(self, wrong) -> str:
        return f"{self._number(wrong) / 0.45359237:.0f}"
