"""The guide: every role has one, every button that it names exists, and the palette finds its questions."""

import re

import pytest
from django.conf import settings

from rpmportal.guide import FOLDER, NAMES, guide, questions
from tests.integration.timelogs.pages import text_of

BOLD = re.compile(r"\*\*([^*]+)\*\*")


def everything_on_pages() -> str:
    """The words of templates and of the program, with runs of white space as one blank."""
    folders = (
        "templates",
        "accounts",
        "authentication",
        "staff",
        "patients",
        "payers",
        "interchange",
        "intake",
        "escalations",
        "monitoring",
        "timelogs",
        "billing",
        "boards",
        "reports",
        "rpmportal",
        "audit",
    )
    files = [
        f for name in folders for f in (settings.BASE_DIR / name).rglob("*") if f.suffix in {".html", ".py"}
    ]
    return " ".join(" ".join(f.read_text(encoding="utf-8").split()) for f in files)


def test_each_role_has_its_guide_and_there_is_no_other():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(NAMES)
    assert all(guide(name).questions for name in NAMES)


def test_every_button_that_is_named_stands_on_a_page():
    there = everything_on_pages()
    named = {
        words for path in FOLDER.glob("*.md") for words in BOLD.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 30
    missing = [words for words in named if not any(sign + words in there for sign in (">", '"', "%}"))]
    assert not missing, f"The guide names what is on no page: {sorted(missing)}"


def test_questions_have_an_anchor_each():
    for name in NAMES:
        anchors = [question.anchor for question in guide(name).questions]
        assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "cora", "omar", "ade"])
def test_help_opens_with_ones_own_role(client, cast, who):
    member = getattr(cast, who)
    client.force_login(member.user)
    page = text_of(client.get("/help/"))
    assert guide(member.role).questions[0].text in page
    assert client.get("/help/everybody/").status_code == 200
    assert client.get("/help/nobody/").status_code == 404


def test_an_answer_is_paragraphs_and_numbered_steps_with_the_buttons_in_bold(client, cast):
    steps = guide("nurse").questions[0].answer[0]
    assert steps.numbered
    assert ("strong", "Start session") in steps.lines[1]
    client.force_login(cast.rosa.user)
    page = text_of(client.get("/help/nurse/"))
    assert "Press <strong>Start session</strong>. The clock" in page


def test_the_palette_finds_questions_by_the_beginnings_of_their_words(client, cast):
    client.force_login(cast.ana.user)
    assert "How do I sign orders and care plans?" in text_of(client.post("/find/", {"q": "sign ord"}))
    assert "How do I sign orders" not in text_of(client.post("/find/", {"q": ""}))
    assert [text for text, _ in questions("nurse", "past")] == []
    assert [url for _, url in questions("nurse", "session over")] == [
        "/help/nurse/#how-do-i-log-a-session-that-is-over"
    ]
