"""Counts what a person does on pages: each press of a pointer or a key is one act, typing a text is none."""

from playwright.sync_api import Page

# Shift and the like are part of the key that they change. What is typed into a field is its text, whatever its length;
# Enter and the keys with Ctrl are acts even there.
_COUNT = """() => {
    const tell = (what) => window.noteAct(what);
    const typed = (e) => e.target.matches('textarea, input:not([type=radio], [type=checkbox])')
        && !e.ctrlKey && !e.metaKey && e.key !== 'Enter';
    const half = ['Control', 'Shift', 'Alt', 'Meta'];
    addEventListener('pointerdown', (e) => tell('press'), true);
    addEventListener('keydown', (e) => !half.includes(e.key) && !typed(e) && tell(e.key), true);
}"""


class Acts:
    """What was done on one page since it was made, or since `begin()`."""

    def __init__(self, page: Page):
        self.done: list[str] = []
        page.expose_binding("noteAct", lambda source, what: self.done.append(what))
        page.add_init_script(f"({_COUNT})()")

    def begin(self) -> None:
        self.done.clear()

    def at_most(self, limit: int) -> bool:
        return 0 < len(self.done) <= limit
