"""Hubs for tests, and messages that they sign."""

import json
import time

from django.test import Client

from accounts.models import Membership
from interchange.hubs import acts
from interchange.hubs.signatures import HEADER, header
from interchange.models import Hub


def hub(by: Membership, *, vendor: str = "generic", name: str = "Cellular cloud", at=None, **more):
    """(its row, its secret)"""
    from django.utils import timezone

    return acts.make(by.practice, name=name, vendor=vendor, by=by, at=at or timezone.now(), **more)


class HubSender(Client):
    """Signs with its secret, now, and follows no rule of browsers."""

    def __init__(self, row: Hub, secret: str):
        super().__init__(enforce_csrf_checks=True)
        self.row, self.secret = row, secret

    @property
    def address(self) -> str:
        return f"/hubs/{self.row.key}/"

    def send(self, body, *, t: int | None = None, signed: str | None = None, kind="application/json"):
        """`signed`: the whole header; `body`: bytes, or what becomes JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = (
            header(self.secret, content, int(time.time()) if t is None else t) if signed is None else signed
        )
        headers = {HEADER: signed} if signed else {}
        return self.generic("POST", self.address, content, content_type=kind, headers=headers)


def reading(**more) -> dict:
    found = {
        "device": "CUFF-T-0001", "measure": "blood_pressure", "systolic": 128, "diastolic": 82, "unit": "mm[Hg]",
        "taken_at": "2026-03-05T07:30:00-05:00",
    }  # fmt: skip
    return {**found, **more}


def heart(value=71, **more) -> dict:
    found = {key: text for key, text in reading().items() if key not in {"systolic", "diastolic"}}
    return {**found, "measure": "heart_rate", "value": value, "unit": "/min", **more}
