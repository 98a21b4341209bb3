"""Django's PostgreSQL, told before each statement of which practice it may show rows.

The setting belongs to the connection, which outlives the request; so it is compared with what is in effect here each
time, and never taken on trust from what ran before. A rollback also undoes a setting, hence it is told anew after one.
"""

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus

from foundation import practice_scope

TELL = b"SELECT set_config('rpm.practice', %b, false), set_config('rpm.person', %b, false)"


def tell(raw: psycopg.Connection, scope: practice_scope.Scope) -> None:
    """By libpq itself: each request does it three times, and by a cursor of psycopg's it takes four times as long."""
    quote = Escaping(raw.pgconn).escape_literal
    words = (bytes(quote(word.encode())) for word in (scope.practice, scope.person))
    result = raw.pgconn.exec_(TELL % tuple(words))
    if result.status == ExecStatus.TUPLES_OK:
        return
    if raw.pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError(raw.pgconn.get_error_message())
    raise error_from_result(result)


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What the server was told last; None where that is not certain.
        self._told: practice_scope.Scope | None = None
        self.execute_wrappers.append(self._execute_in_scope)

    def get_new_connection(self, conn_params):
        self._told = None
        return super().get_new_connection(conn_params)

    def _cursor(self, name=None):
        # COPY passes the wrappers of `execute` by.
        cursor = super()._cursor(name)  # type: ignore[misc]
        self._tell()
        return cursor

    def _execute_in_scope(self, execute, sql, params, many, context):
        self._tell()
        return execute(sql, params, many, context)

    def _tell(self) -> None:
        scope, raw = practice_scope.current(), self.connection
        # In a broken transaction nothing is answered but its rollback.
        if scope == self._told or raw is None or raw.info.transaction_status == TransactionStatus.INERROR:
            return
        self._told = None
        with self.wrap_database_errors:
            tell(raw, scope)
        self._told = scope

    def _rollback(self):
        self._told = None
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid):
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None
