"""A Chromium in a process group of our own, to be killed, stopped and woken whole."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from playwright.sync_api import Page, Playwright

from tests.faults.processes import wait_until
from tests.functional.conftest import FLAGS, chromium

OURS = (
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--password-store=basic",
    "--remote-debugging-port=0",
    # Nothing but this machine is ever looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)


class OwnBrowser:
    """As a nurse has it: with its usual care about tabs in the background, without what Playwright switches off."""

    def __init__(self, playwright: Playwright, folder: Path, *flags: str):
        self.folder = folder
        self.child = subprocess.Popen(
            [chromium(), *FLAGS, *OURS, f"--user-data-dir={folder}", *flags, "about:blank"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        told = folder / "DevToolsActivePort"
        wait_until(lambda: told.exists() and told.read_text().count("\n"), "the browser did not start")
        self.address = f"http://127.0.0.1:{told.read_text().split()[0]}"
        self.context = playwright.chromium.connect_over_cdp(self.address).contexts[0]
        self.page: Page = self.context.pages[0]

    def let_go(self) -> None:
        """Nobody steers it any longer; it lives on."""
        self.context.browser.close()

    def send(self, what: signal.Signals) -> None:
        try:
            os.killpg(self.child.pid, what)
        except ProcessLookupError:
            pass

    def stop(self) -> None:
        """As a lid that is closed: every process of it stands still."""
        self.send(signal.SIGSTOP)

    def wake(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
