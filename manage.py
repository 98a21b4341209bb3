#!/usr/bin/env python
"""Django's command line for RPM Portal. `./dev manage …` runs it on the embedded servers."""

import os
import sys

# Commands that decide on what they are given and touch no server: they run without the servers' addresses.
PURE = {"select_codes"}
UNUSED = {
    "SECRET_KEY": "unused",
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "postgresql:///unused",
    "REDIS_URL": "redis://unused",
}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rpmportal.settings")
    for name, value in UNUSED.items() if set(sys.argv[1:2]) & PURE else ():
        os.environ.setdefault(name, value)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
