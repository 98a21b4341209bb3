"""What each verb of `./dev` does."""

import sys
from pathlib import Path

from devtools import checks, environment, install, testing
from devtools.places import PYTHON, ROOT
from devtools.process import foreground
from devtools.say import say
from devtools.servers import serve_only
from devtools.servers import servers as shared_servers


def setup(_: list[str]) -> int:
    install.setup()
    say("set up.")
    return 0


def run(_: list[str]) -> int:
    from devtools.stack import run_stack

    return run_stack()


def manage(arguments: list[str]) -> int:
    install.setup()
    with shared_servers() as use:
        env = environment.for_people(use.addresses, DEMO="1") | environment.owner_for(arguments)
        return foreground([PYTHON, "manage.py", *arguments], env=env, cwd=ROOT)


def servers(_: list[str]) -> int:
    install.setup(front_end=False)
    return serve_only()


def test(arguments: list[str]) -> int:
    return testing.run_tests(arguments)


def soak(arguments: list[str]) -> int:
    return testing.run_tests(arguments, SOAK="1")


def check(_: list[str]) -> int:
    install.setup()
    return checks.check()


def fix(_: list[str]) -> int:
    install.setup(front_end=False)
    return checks.fix()


def bench(arguments: list[str]) -> int:
    """Each measurement by itself on servers with their usual safety; its last line is JSON. Options go to each."""
    install.setup()
    first = next((n for n, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    names, options = arguments[:first], arguments[first:]
    wanted = [ROOT / name for name in names] or sorted(Path(ROOT / "bench").glob("[!_]*.py"))
    if not wanted:
        say("bench/ holds no measurement.")
    worst = 0
    with testing.private_servers(fast=False) as addresses:
        for script in wanted:
            say(f"== {script.relative_to(ROOT)}")
            env = environment.for_tests(addresses, PYTHONPATH=str(ROOT)) | {"DB_ROLE": "owner"}
            worst = max(worst, foreground([PYTHON, script, *options], env=env, cwd=ROOT))
            sys.stdout.flush()
    return worst
