import pytest

from rpmportal.environment import broker


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("redis://:secret@host:6379/1", "redis://:secret@host:6379/1"),
    ],
)
def test_celery_spells_a_socket_and_its_database_differently(url, celery):
    assert broker(url) == celery
