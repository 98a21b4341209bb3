"""The world of the authorization matrix, made once for a module: people, and the ids that addresses take."""

from dataclasses import dataclass

import pytest

from tests.cast import Cast, make_cast
from tests.integration.test_authorization_matrix import address_of, expected_of, members, rows_of, world_of
from tests.saved_rows import saved_or_made


@dataclass
class Whole:
    """`ids` are Jane's; `foreign` is what Nora of the other practice has, under the same names."""

    cast: Cast
    ids: dict
    foreign: dict

    def address(self, route) -> str:
        return address_of(route, self.ids)

    def may(self, route) -> list:
        """Whom the table lets in."""
        return [m for m in members(self.cast) if expected_of(route, m, self.cast) == "answer"]


@pytest.fixture(scope="module")
def saved_whole(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return saved_or_made()


@pytest.fixture
def whole(db, saved_whole) -> Whole:
    return saved_whole.made_by(_whole)


def _whole() -> Whole:
    cast = make_cast()
    ids = world_of(cast)
    return Whole(cast, ids, rows_of(cast.nora))
