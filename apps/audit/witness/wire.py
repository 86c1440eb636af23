"""The request of c2sp.org/tlog-witness, written and read; pure."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

MOST_HASHES = 63
OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
PATH = "/add-checkpoint"


class Asked(NamedTuple):
    """A head to be cosigned, the size it continues and the proof of that."""

    old: int
    proof: list[bytes]
    note: str


def written(asked: Asked) -> str:
    """Write a request's body."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in asked.proof)
    return f"old {asked.old}\n{hashes}\n{asked.note}"


def read(body: str) -> Asked:
    """Read a request's body; raises ``ValueError``."""
    lines, blank, note = body.partition("\n\n")
    first, *hashes = lines.split("\n")
    old = OLD.fullmatch(first)
    if old is None or not blank or len(hashes) > MOST_HASHES:
        raise ValueError("this is not a request to cosign a head")
    try:
        return Asked(int(old[1]), [base64.b64decode(one, validate=True) for one in hashes], note)
    except binascii.Error:
        raise ValueError("the proof is not base64") from None
