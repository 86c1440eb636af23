"""Somebody to encrypt exports to, and their way of opening one."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pyrage

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
OTHER = str(pyrage.x25519.Identity.generate().to_public())


def opened(data: bytes, identity: Any = IDENTITY) -> tuple[dict[str, Any], bytes]:
    """The outer record of an encrypted export, and the archive that it encrypts."""
    with zipfile.ZipFile(io.BytesIO(data)) as outer:
        record = json.loads(outer.read("record.json"))
        assert sorted(outer.namelist()) == sorted([record["file"], "record.json"])
        sealed = outer.read(record["file"])
    assert hashlib.sha256(sealed).hexdigest() == record["file_sha256"]
    return record, pyrage.decrypt(sealed, [identity])
