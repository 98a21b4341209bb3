"""American nurses read American English, in the words of their field; the glossary says which."""

import re

from tests.architecture.walk import ROOT, modules, short, table_of

FOREIGN = re.compile(
    r"\b(enrolments?|colours?|behaviours?|programmes?|catalogues?|centres?|whilst|cancelled|cheques?|in force"
    r"|reckon(s|ed|ing)?|la(id|y|ys|ying) (it |one |them |a policy |this )?down|organis\w+|recognis\w+)\b",
    re.I,
)


def texts():
    yield from ((short(path), path.read_text()) for path in modules(also=("devtools",)))
    for pattern in ("templates/**/*.html", "static/js/*.js", "docs/**/*.md", "README.md", "CHANGELOG.md"):
        yield from ((str(path.relative_to(ROOT)), path.read_text()) for path in sorted(ROOT.glob(pattern)))


def test_pages_code_and_documents_speak_american_english():
    # The check of notes reads what nurses write, whichever way they spell; a code of FHIR is spelled as FHIR spells it.
    found = [
        f"{name}: {match[0]}"
        for name, text in texts()
        if "/note/lint/" not in name and name != "docs/note-lint.md"
        for match in FOREIGN.finditer(
            text.replace('"cancelled"', "") if name.startswith("interchange/fhir/") else text
        )
    ]
    assert not found, table_of(found)
