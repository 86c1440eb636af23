"""What a browser is asked for and whether its answer is true (WebAuthn level 3, §7). No rows, no request; py_webauthn checks.

User verification is always required: the passkey's own PIN, finger or face stands for the person.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import webauthn
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]  # fmt: skip
LOCAL = re.compile(r"http://localhost(:[0-9]{1,5})?")
PATIENCE = 5 * 60 * 1000  # milliseconds that a browser waits for the person
LONGEST = 20_000  # characters of an answer
WHY = {
    "Client data challenge": "challenge",
    "Unexpected client data origin": "origin",
    "Unexpected RP ID": "host",
    "User verification is required": "unverified",
    "User was not present": "absent",
    "Could not verify": "signature",
}
"""What the library's words mean, as the log names it."""
Made = TypeVar("Made")


class Untrue(Exception):
    """An answer that proves nothing; ``why`` is a word for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a browser has made. ``cose`` is its public key as it came, ``key`` the same as SubjectPublicKeyInfo."""

    credential: str
    cose: str
    key: str
    algorithm: int
    sign_count: int
    aaguid: str
    is_backed_up: bool
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a passkey has signed: base64url as the browser sent it; ``sign_count`` is the passkey's own counter."""

    credential: str
    client_data: str
    authenticator_data: str
    signature: str
    sign_count: int
    is_backed_up: bool


def creation_options(*, user: bytes, handle: str, known: Iterable[tuple[str, list[str]]], challenge: bytes) -> str:
    """What the browser is told to make a passkey by; one that is known already is not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=settings.LOANFLOW_PASSKEY_HOST, rp_name="LoanFlow", user_id=user, user_name=handle, user_display_name=handle,
        challenge=challenge, timeout=PATIENCE, supported_pub_key_algs=ALGORITHMS, exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return options_to_json(options)


def request_options(*, known: Iterable[tuple[str, list[str]]], challenge: bytes) -> str:
    """What the browser is told to have a challenge signed by, with one of the passkeys that are known."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.LOANFLOW_PASSKEY_HOST, challenge=challenge, timeout=PATIENCE,
        allow_credentials=_descriptors(known), user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return options_to_json(options)


def made(answer: str, challenge: bytes) -> NewPasskey:
    """The passkey that a browser has made; raises ``Untrue``."""
    return _judged(lambda: _made(_read(answer), challenge))


def credential_of(answer: str) -> str:
    """Which passkey an answer says it is of; raises ``Untrue`` for one that cannot be read."""
    return _judged(lambda: str(_read(answer)["id"]))


def proved(answer: str, challenge: bytes, cose: str) -> Answer:
    """What a passkey has signed over a challenge, here and now, with its person verified; raises ``Untrue``.

    Its counter is handed back and judged by whoever holds the row's lock.
    """
    return _judged(lambda: _proved(_read(answer), challenge, cose))


def _judged(question: Callable[[], Made]) -> Made:
    try:
        return question()
    except Untrue:
        raise
    except WebAuthnException as error:
        why = next((name for words, name in WHY.items() if str(error).startswith(words)), "malformed")
        raise Untrue(why) from None
    except Exception:  # noqa: BLE001 - whatever a damaged answer makes go wrong, it proves nothing
        raise Untrue("malformed") from None


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST:
        raise Untrue("malformed")
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise Untrue("malformed")
    return found


def _made(answer: dict[str, Any], challenge: bytes) -> NewPasskey:
    given = parse_registration_credential_json(answer)
    found = webauthn.verify_registration_response(
        credential=given, expected_challenge=challenge, expected_rp_id=settings.LOANFLOW_PASSKEY_HOST,
        expected_origin=_origins(given.response.client_data_json), require_user_verification=True,
        supported_pub_key_algs=ALGORITHMS,
    )  # fmt: skip
    decoded = decode_credential_public_key(found.credential_public_key)
    key = decoded_public_key_to_cryptography(decoded).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return NewPasskey(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key),
        base64.b64encode(key).decode(), int(decoded.alg), found.sign_count, found.aaguid, found.credential_backed_up,
        tuple(each.value for each in given.response.transports or ()),
    )  # fmt: skip


def _proved(answer: dict[str, Any], challenge: bytes, cose: str) -> Answer:
    given = parse_authentication_credential_json(answer)
    found = webauthn.verify_authentication_response(
        credential=given, expected_challenge=challenge, expected_rp_id=settings.LOANFLOW_PASSKEY_HOST,
        expected_origin=_origins(given.response.client_data_json), credential_public_key=base64url_to_bytes(cose),
        credential_current_sign_count=0, require_user_verification=True,
    )  # fmt: skip
    kept = (given.response.client_data_json, given.response.authenticator_data, given.response.signature)
    client_data, authenticator_data, signature = map(bytes_to_base64url, kept)
    return Answer(
        given.id, client_data, authenticator_data, signature, found.new_sign_count, found.credential_backed_up
    )


def _origins(client_data: bytes) -> list[str]:
    """Origins that an answer may come from; a page inside another site's is none of ours."""
    told = parse_client_data_json(client_data)
    if told.cross_origin or not settings.LOANFLOW_PASSKEY_HOST:
        raise Untrue("origin")
    local = settings.LOANFLOW_PASSKEY_HOST == "localhost" and LOCAL.fullmatch(told.origin)
    return [told.origin] if local and not settings.LOANFLOW_PASSKEY_ORIGINS else settings.LOANFLOW_PASSKEY_ORIGINS


def _descriptors(known: Iterable[tuple[str, list[str]]]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(name), transports=[*map(AuthenticatorTransport, transports)]
        )
        for name, transports in known
    ]
