"""Forms say their errors once, where the focus goes, and carry their token."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent.parent
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in sorted(ROOT.glob("templates/**/*.html"))}


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "{% crispy" in text])
def test_a_page_with_a_form_has_the_error_summary(name):
    """crispy's own list of the form's errors is switched off (templates/bootstrap5/errors.html)."""
    assert "components/_errors.html" in TEXTS[name]


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if 'method="post"' in text])
def test_every_form_that_posts_carries_its_token(name):
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", TEXTS[name], re.DOTALL)
    assert [form for form in forms if "csrf_token" not in form] == []
