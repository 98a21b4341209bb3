"""Nothing inline, nothing marked safe: the content security policy forbids the one, a patient's words the other."""

import ast
import re

from tests.architecture.walk import modules, parsed, short, table_of, templates

FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "inline handler": re.compile(r"<[^>{%]*\s(?:hx-on\S*|on[a-z]+)\s*=", re.I),
    "javascript: address": re.compile(r"javascript:", re.I),
    "|safe": re.compile(r"\|\s*safe(?:seq)?\b"),
    "autoescape off": re.compile(r"{%\s*autoescape\s+off"),
    "eval in htmx": re.compile(r"hx-(?:vals|headers|vars)\s*=\s*['\"]js:", re.I),
    "another site": re.compile(r"(?:src|href)\s*=\s*['\"](?:https?:)?//", re.I),
}
UNSAFE_CALLS = {"mark_safe", "SafeString", "SafeText", "csrf_exempt"}


def test_templates_hold_nothing_inline_and_nothing_safe():
    found = [
        f"{short(path)}:{number} {what}"
        for path in templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]
    assert not found, f"Move it to static/js, static/css or the view:{table_of(found)}"


# Takes the cookies off first: without a sign-in there is nothing that another page could misuse.
WITHOUT_COOKIES = ("foundation/programs.py", "csrf_exempt")


def test_code_marks_nothing_safe():
    found = [
        f"{short(path)}:{node.lineno} {name}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name | ast.Attribute | ast.alias)
        and (name := getattr(node, "id", getattr(node, "attr", getattr(node, "name", "")))) in UNSAFE_CALLS
        and (short(path), name) != WITHOUT_COOKIES
    ]
    assert not found, f"Use format_html, or a template:{table_of(found)}"


def test_every_post_form_carries_its_token():
    bare = []
    for path in templates():
        for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", path.read_text(), re.I | re.S):
            if "csrf_token" not in form:
                bare.append(f"{short(path)} {form[:60]!r}")
    assert not bare, f"POST forms without {{% csrf_token %}}:{table_of(bare)}"
