"""What a failure may say: its kind, its place and a reference. Never a value, which may be a patient's."""

import logging

from django.views.debug import ExceptionReporter

from rpmportal.crashes import where


class NoDetailReporter(ExceptionReporter):
    """An error report without local variables, settings or the posted form."""

    def get_traceback_data(self):
        data = super().get_traceback_data()
        for frame in data.get("frames", []):
            frame["vars"] = []
        return {**data, "filtered_POST_items": [], "request_GET_items": [], "exception_value": "(left out)"}


class OneLineFormatter(logging.Formatter):
    """One event, one line; exceptions by kind and place alone; the request's reference where there is one."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record):
        from foundation.context import request_reference

        error = record.exc_info[1] if record.exc_info else None
        line = logging.Formatter.format(self, self._bare(record))
        extra = "".join(
            [f" [{ref}]" if (ref := request_reference()) else "", f" {where(error)}" if error else ""]
        )
        return (line + extra).replace("\r", "\\r").replace("\n", "\\n").replace("\x1b", "\\e")

    @staticmethod
    def _bare(record):
        bare = logging.makeLogRecord(record.__dict__)
        if record.exc_info and record.name.startswith("celery"):
            # Celery writes the error's own text into the message, and that text can quote a row.
            told = record.args if isinstance(record.args, dict) else {}
            bare.msg, bare.args = f"Task {told.get('name', '')}[{told.get('id', '')}] failed", ()
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return bare
