"""The product's settings with the routes of `_hello`."""

from rpmportal.settings import *  # noqa: F403

ROOT_URLCONF = "bench._hello"
