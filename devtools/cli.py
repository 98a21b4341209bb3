"""The verbs of `./dev`."""

import signal
import sys

from devtools.say import Problem, complain, say

VERBS = {
    "setup": "install Python packages and front-end files; the other verbs do it when needed",
    "run": "start everything on this machine with a demo practice; PORT chooses the port",
    "manage": "manage.py on the embedded servers: ./dev manage shell",
    "test": "all tests, unit to browser; --quick leaves out browsers and processes; takes pytest's arguments",
    "soak": "the same with races and kills at their full counts; takes long",
    "check": "linters, types, migrations, production settings; changes nothing",
    "fix": "let the formatters edit; the only verb that does",
    "bench": "measure what we promise about speed",
    "servers": "keep PostgreSQL and Redis up and print their addresses, for a second shell",
}


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, as_ctrl_c)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal that cannot show a sign must not stop anything
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        return run_verb(verb, rest)
    except Problem as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


def as_ctrl_c(*_):
    raise KeyboardInterrupt


def run_verb(verb: str, rest: list[str]) -> int:
    """Each verb imports its own part, so that a start costs nothing it does not need."""
    if verb in {"", "help", "-h", "--help"}:
        return list_verbs()
    if verb == "keep-servers":
        from devtools.keeper import keep_servers

        return keep_servers(rest)
    if verb not in VERBS:
        list_verbs(sys.stderr)
        raise Problem(f"there is no verb {verb!r}.")
    from devtools import verbs

    return getattr(verbs, verb)(rest)


def list_verbs(stream=None) -> int:
    for verb, meaning in VERBS.items():
        if stream is None:
            say(f"./dev {verb:<8} {meaning}")
        else:
            print(f"./dev {verb:<8} {meaning}", file=stream)
    return 0
