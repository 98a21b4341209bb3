"""The web application, except that it notes in the file BOOK when each request came, was read and was answered."""

import os
import time
from uuid import uuid4

from django.conf import settings

book = os.open(os.environ["BOOK"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.faults.logging_web.Reader"]


def note(*words) -> None:
    """One write a line, unbuffered: what came is known though the process dies in the middle of it."""
    os.write(book, (" ".join(map(str, words)) + "\n").encode())


class Reader:
    """The last before the view: the session and the person are known, the view's clock is about to be read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        note("read", request.environ["VISIT"], time.time())
        return self.get_response(request)


from rpmportal.wsgi import application as real  # noqa: E402


def application(environ, start_response):
    visit, told = uuid4().hex, []
    environ["VISIT"] = visit

    def tell(status, *rest):
        told.append(status.split()[0])
        return start_response(status, *rest)

    note("came", visit, time.time(), environ["REQUEST_METHOD"], environ["PATH_INFO"])
    answer = real(environ, tell)
    note("answered", visit, time.time(), told[-1])
    return answer
