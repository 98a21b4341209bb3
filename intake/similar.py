"""Family names that are likely the same. No database here.

Two names are alike if they share a key: a word of theirs (Garcia, Garcia-Lopez), their first four letters (Gonzalez,
Gonzales), the consonants that are heard (Smith, Smyth; Philips, Fillips), or all their letters in another order (Doe,
Deo). Keys can be looked up, so that a file of thousands takes no longer than its length.
"""

import re
from collections.abc import Iterator

from patients.selectors import plain

_UNHEARD = str.maketrans("z", "s", "aeiouyhw")
_TWICE = re.compile(r"(.)\1+")
_WORD = re.compile(r"\w+")


def keys(name: str) -> set[str]:
    return set(_keys(name))


def _keys(name: str) -> Iterator[str]:
    words = _WORD.findall(plain(name).replace("'", ""))
    joined = "".join(words)
    yield f"all {''.join(sorted(joined))}"
    if len(joined) >= 4:
        yield f"first {joined[:4]}"
    for word in words:
        if len(word) >= 3:
            yield f"word {word}"
        if len(heard := _heard(word)) >= 3:
            yield f"heard {heard}"


def _heard(word: str) -> str:
    return _TWICE.sub(r"\1", word.replace("ph", "f").replace("ck", "k").translate(_UNHEARD))


def alike(one: str, other: str) -> bool:
    return bool(keys(one) & keys(other))
