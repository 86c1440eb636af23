"""The root key file: JSON, readable by its owner alone, made once and never overwritten.

``{"format": "loanflow-root-keys/1", "active": id, "keys": {id: {"created": iso time, "material": base64 of 32 bytes}}}``.
A root key's id is derived from its material, so a file with the right ids is the right file.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core import clock
from apps.vault.errors import KeyFileExists, KeysUnavailable

FORMAT = "loanflow-root-keys/1"
ROOT_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class RootKeys:
    """Root keys by id, and the id of the one that wraps."""

    active: str
    material: Mapping[str, bytes]
    created: Mapping[str, str]


def root_key_id(material: bytes) -> str:
    """Derive a root key's id (16 hexadecimal digits) from its material."""
    return hashlib.sha256(b"loanflow/root-key-id/v1\0" + material).hexdigest()[:16]


def keyfile_create(path: Path) -> str:
    """Make a key file with one new root key and return its id; raises ``KeyFileExists`` rather than touch another.

    Its folder is made with mode 0700, the file with 0600.
    """
    path.parent.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    refuse_loose(path.parent)
    keys = _with_new_key(RootKeys("", {}, {}), clock.now())
    draft = _draft(path, keys)
    try:
        os.link(draft, path)  # fails where a file stands, in one step
    except FileExistsError:
        raise KeyFileExists(_("A key file stands at %(path)s already; it is left as it is.") % {"path": path}) from None
    finally:
        draft.unlink()
    _settle(path.parent)
    return keys.active


def keyfile_add_root(path: Path) -> str:
    """Add a new root key to a key file and let it wrap from now on; the old ones go on unwrapping. Returns its id."""
    keys = _with_new_key(keyfile_read(path), clock.now())
    _draft(path, keys).rename(path)
    _settle(path.parent)
    return keys.active


def keyfile_read(path: Path) -> RootKeys:
    """Read a key file; raises ``KeysUnavailable`` with one sentence where it is missing, loose or damaged."""
    try:
        refuse_loose(path.parent)
        refuse_loose(path)
        return _parse(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise KeysUnavailable(
            _(
                "The key file %(path)s is missing or cannot be read: put it back, LoanFlow makes no new one in its place."
            )
            % {"path": path}
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysUnavailable(_("The key file %(path)s is damaged.") % {"path": path}) from None


def refuse_loose(path: Path) -> None:
    """Raise ``KeysUnavailable`` when group or others have any right to ``path``."""
    if path.stat().st_mode & OTHERS:
        raise KeysUnavailable(
            _("%(path)s is open to other users: take their rights away (chmod go-rwx).") % {"path": path}
        )


def _with_new_key(keys: RootKeys, at: dt.datetime) -> RootKeys:
    material = os.urandom(ROOT_BYTES)
    name = root_key_id(material)
    return RootKeys(name, {**keys.material, name: material}, {**keys.created, name: at.isoformat(timespec="seconds")})


def _parse(document: Mapping[str, Any]) -> RootKeys:
    keys = document["keys"]
    material = {name: base64.b64decode(entry["material"], validate=True) for name, entry in keys.items()}
    sound = all(len(key) == ROOT_BYTES and root_key_id(key) == name for name, key in material.items())
    if document["format"] != FORMAT or document["active"] not in material or not sound:
        raise binascii.Error
    return RootKeys(document["active"], material, {name: str(entry["created"]) for name, entry in keys.items()})


def _draft(path: Path, keys: RootKeys) -> Path:
    """Write the keys beside ``path`` and see them onto the disk."""
    entries = {
        name: {"created": keys.created[name], "material": base64.b64encode(key).decode()}
        for name, key in keys.material.items()
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "active": keys.active, "keys": entries}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(folder: Path) -> None:
    """See a folder's entries onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
