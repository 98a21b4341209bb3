"""The guide in docs/guide: for each role its questions, as pages, and as lines of the command palette."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from accounts.permissions import Permission, Role, requires

FOLDER = settings.BASE_DIR / "docs" / "guide"
EVERYBODY = "everybody"
NAMES = (*Role.values, EVERYBODY)


Words = tuple[tuple[str, str], ...]
"""Pieces of a line: ("strong", "em" or "", text)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a browser test photographed it: its path among the static files, what it shows, and its size."""

    path: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a numbered list of lines, or a picture."""

    numbered: bool
    lines: tuple[Words, ...]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """`How do I …?` with its answer, for a template to print."""

    text: str
    anchor: str
    answer: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    name: str
    title: str
    questions: tuple[Question, ...]


@cache
def guide(name: str) -> Guide:
    """Read once: the files come with the program."""
    head, *parts = (FOLDER / f"{name}.md").read_text(encoding="utf-8").split("\n## ")
    return Guide(name, head.removeprefix("# ").strip(), tuple(map(_question, parts)))


def _question(part: str) -> Question:
    text, _, answer = part.partition("\n")
    return Question(text.strip(), slugify(text), tuple(_blocks(answer)))


def _blocks(text: str) -> Iterator[Block]:
    """Paragraphs, numbered lists, pictures, bold and emphasis: what the guide is written in."""
    lines: list[Words] | None = None
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        if token.type == "ordered_list_open":
            lines = []
        elif token.type == "ordered_list_close":
            yield Block(True, tuple(lines or ()))
            lines = None
        elif token.type == "inline" and token.children[0].type == "image":
            yield Block(False, (), _picture(token.children[0]))
        elif token.type == "inline" and lines is not None:
            lines.append(_words(token))
        elif token.type == "inline":
            yield Block(False, (_words(token),))


def _picture(image) -> Picture:
    """`![What it shows](../../static/guide/name.webp "1000x640")`: it shows where the file itself is read, too."""
    width, height = map(int, image.attrs["title"].split("x"))
    return Picture(image.attrs["src"].partition("static/")[2], image.content, width, height)


def _words(inline) -> Words:
    """Each piece of text with the mark that is open around it."""
    pieces, mark = [], ""
    for token in inline.children:
        if token.type in {"strong_open", "em_open"}:
            mark = token.tag
        elif token.type in {"strong_close", "em_close"}:
            mark = ""
        else:
            pieces.append((mark, token.content or " "))
    return tuple(pieces)


def questions(role: str, typed: str) -> Iterator[tuple[str, str]]:
    """(question, address) of those whose words all begin with the typed ones, the role's own first."""
    wanted = typed.lower().split()
    for name in (role, EVERYBODY):
        for question in guide(name).questions:
            words = question.text.lower().split()
            if wanted and all(any(word.startswith(w) for word in words) for w in wanted):
                yield question.text, f"{reverse('help_page', args=[name])}#{question.anchor}"


@require_safe
@requires(Permission.OWN_ACCOUNT)
def help_page(request, name=""):
    """One guide; without a name one's own role's. The others are a press away."""
    name = name or request.membership.role
    if name not in NAMES:
        raise Http404
    return render(
        request, "help/guide.html", {"guide": guide(name), "guides": [guide(each) for each in NAMES]}
    )
