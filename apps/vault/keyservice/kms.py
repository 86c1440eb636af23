"""AWS KMS: root keys are symmetric keys of the service. Needs the optional set ``requirements/kms.txt`` (boto3).

A root key's id is the KMS key's own; the context is the encryption context, so CloudTrail shows whose key was asked for
without a name. The service rotates a key's material by itself, behind its id: a new root key is another KMS key, named in
the settings, to which ``rotate_keys --root`` moves what the old one wrapped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from django.conf import settings
from django.utils.translation import gettext as _

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.http import refuse_open_line
from apps.vault.keyservice.pause import Pause

AT_ONCE = 8
CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 2, "mode": "standard"})
NOT_OURS = {"InvalidCiphertextException", "IncorrectKeyException", "NotFoundException", "ValidationException"}
"""What KMS says of a ciphertext, key or context that is not what it encrypted."""


DENIED = "AccessDeniedException"


class Denied(Exception):
    """KMS denied a decryption: of a ciphertext that names no key, or to us altogether."""


class Kms:
    """A ``KeyService`` of one KMS key and its predecessors; credentials are the surroundings' (role, profile, variables)."""

    def __init__(self, key: str, *, region: str = "", endpoint: str = "") -> None:
        self._key, self._pause = key, Pause()
        self._client: Any = boto3.client(
            "kms", region_name=region or None, endpoint_url=endpoint or None, config=CONFIG
        )
        refuse_open_line(self.place)

    @classmethod
    def from_settings(cls) -> Kms:
        """Make the service that the settings describe; raises ``KeysUnavailable`` where they say too little."""
        told = settings.LOANFLOW_KMS
        if not told["key"]:
            raise KeysUnavailable(_("Name the KMS key (docs/settings.md)."))
        with _away_on_error(()):
            return cls(told["key"], region=told["region"], endpoint=told["endpoint"])

    @property
    def place(self) -> str:
        """The service's address."""
        return str(self._client.meta.endpoint_url)

    def active(self) -> str:
        """Return the id of the key that the settings name."""
        with self._asking():
            return str(self._client.describe_key(KeyId=self._key)["KeyMetadata"]["KeyId"])

    def knows(self, root_key_id: str) -> bool:
        """Tell whether a key is there and enabled."""
        try:
            with self._asking(NOT_OURS):
                return bool(self._client.describe_key(KeyId=self._full(root_key_id))["KeyMetadata"]["Enabled"])
        except CannotOpen:
            return False

    def renew(self) -> str:
        """Return the key that the settings name: whoever wants another one makes it in KMS and names it there."""
        return self.active()

    def wrap(self, material: bytes, context: bytes) -> Wrapped:
        """Encrypt a key under the one that the settings name."""
        with self._asking():
            made = self._client.encrypt(KeyId=self._key, Plaintext=material, EncryptionContext=_context(context))
        return Wrapped(_bare(made["KeyId"]), made["CiphertextBlob"], context)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Decrypt a key, or raise ``CannotOpen``."""
        try:
            with self._pause.guarding(), _away_on_error(NOT_OURS):
                return self._decrypted(wrapped)
        except Denied:
            self._see_that_we_may_decrypt()
            raise CannotOpen from None

    def unwrap_many(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Decrypt keys, several at once: KMS has no call for many."""
        if len(wrapped) < 2:
            return [self._unwrap_or_none(one) for one in wrapped]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(self._unwrap_or_none, wrapped))

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same key under the one that the settings name; it never leaves KMS."""
        bound = _context(wrapped.context)
        with self._asking(NOT_OURS):
            made = self._client.re_encrypt(
                CiphertextBlob=wrapped.blob,
                SourceKeyId=self._full(wrapped.root_key_id),
                SourceEncryptionContext=bound,
                DestinationKeyId=self._key,
                DestinationEncryptionContext=bound,
            )
        return Wrapped(_bare(made["KeyId"]), made["CiphertextBlob"], wrapped.context)

    def _decrypted(self, wrapped: Wrapped) -> bytes:
        try:
            opened = self._client.decrypt(
                KeyId=self._full(wrapped.root_key_id),
                CiphertextBlob=wrapped.blob,
                EncryptionContext=_context(wrapped.context),
            )
        except ClientError as error:
            raise (Denied() if _code(error) == DENIED else error) from None
        if _bare(opened["KeyId"]) != wrapped.root_key_id:
            raise CannotOpen
        return bytes(opened["Plaintext"])

    def _see_that_we_may_decrypt(self) -> None:
        """Raise ``KeysUnavailable`` unless a value encrypted just now opens: KMS denies a damaged ciphertext like a stranger."""
        with self._pause.guarding(), _away_on_error(()):
            bound = _context(b"probe")
            made = self._client.encrypt(KeyId=self._key, Plaintext=b"probe", EncryptionContext=bound)
            self._client.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=bound)

    def _unwrap_or_none(self, wrapped: Wrapped) -> bytes | None:
        try:
            return self.unwrap(wrapped)
        except CannotOpen:
            return None

    @contextlib.contextmanager
    def _asking(self, refused: Collection[str] = ()) -> Iterator[None]:
        with self._pause.guarding(), _away_on_error(refused):
            yield

    def _full(self, root_key_id: str) -> str:
        """The key's address where the settings name one by its: another account's keys have no bare ids here."""
        prefix, slash, _rest = self._key.rpartition("/")
        return f"{prefix}{slash}{root_key_id}" if ":key" in prefix else root_key_id


@contextlib.contextmanager
def _away_on_error(refused: Collection[str]) -> Iterator[None]:
    """Make ``CannotOpen`` of the answers in ``refused``, and ``KeysUnavailable`` of every other failure."""
    try:
        yield
    except ParamValidationError:
        raise (CannotOpen() if refused else _away("parameters")) from None
    except ClientError as error:
        code = _code(error)
        raise (CannotOpen() if code in refused else _away(code)) from None
    except (BotoCoreError, ValueError):
        raise _away("") from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _away(code: str) -> KeysUnavailable:
    if not code:
        return KeysUnavailable(_("The key service of AWS does not answer."))
    return KeysUnavailable(_("The key service of AWS refuses: %(code)s.") % {"code": code})


def _context(context: bytes) -> dict[str, str]:
    return {"loanflow": context.hex()}


def _bare(arn: str) -> str:
    return arn.rpartition("/")[2]
