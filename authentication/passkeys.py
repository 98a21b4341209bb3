"""Passkeys: what the browser is asked (WebAuthn options) and whether its answer is right. Library: python-fido2."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authentication.models import FactorKind, SecondFactor

REQUIRED = UserVerificationRequirement.REQUIRED


class NotProved(Exception):
    """The browser's answer is none to what was asked."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    credential_id: bytes
    public_key: bytes
    counter: int


def _server(request) -> Fido2Server:
    """For the host that the person sees. HTTPS, or localhost."""
    host = request.get_host()
    name = host.rpartition(":")[0] if ":" in host else host
    scheme = "https" if settings.HTTPS else "http"
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=name, name="RPM Portal"),
        verify_origin=lambda origin: origin == f"{scheme}://{host}",
    )


def ask_to_make(request, user) -> tuple[dict[str, Any], dict]:
    """(options for the browser, state to keep in the session)."""
    who = PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.email, display_name=user.name)
    options, state = _server(request).register_begin(
        who,
        credentials=[_known(row) for row in _passkeys(user)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
    )
    return dict(options), state


def made(request, state: dict, answer: str) -> NewPasskey:
    """The key that the browser made. Raises NotProved."""
    try:
        response = RegistrationResponse.from_dict(json.loads(answer))
        data = _server(request).register_complete(state, response).credential_data
        counter = response.response.attestation_object.auth_data.counter
    except Exception as error:
        # The library raises what its parsers raise; whatever it is, nothing was proved.
        raise NotProved from error
    return NewPasskey(data.credential_id, cbor.encode(dict(data.public_key)), counter)


def ask_to_prove(request, user=None) -> tuple[dict[str, Any], dict]:
    """(options for the browser, state). Without a user, the browser offers whatever passkeys it has for this host."""
    known = [_known(row) for row in _passkeys(user)] if user else None
    options, state = _server(request).authenticate_begin(known, user_verification=REQUIRED)
    return dict(options), state


def proved(request, state: dict, answer: str, user=None) -> tuple[SecondFactor, int]:
    """(the passkey that answered, its counter). Raises NotProved."""
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        rows = SecondFactor.objects.filter(
            kind=FactorKind.PASSKEY, removed_at=None, credential_id=response.raw_id
        ).select_related("user")
        row = (rows.filter(user=user) if user else rows).get()
        _server(request).authenticate_complete(state, [_known(row)], response)
        handle = response.response.user_handle
        if handle and bytes(handle) != row.user.pk.bytes:
            raise NotProved
        return row, response.response.authenticator_data.counter
    except NotProved:
        raise
    except Exception as error:
        raise NotProved from error


def _passkeys(user):
    return SecondFactor.objects.of(user).filter(kind=FactorKind.PASSKEY)


def _known(row: SecondFactor) -> AttestedCredentialData:
    key = CoseKey.parse(cbor.decode(bytes(row.public_key)))
    return AttestedCredentialData.create(b"\0" * 16, bytes(row.credential_id), key)
