"""Re-verifies every signature that was ever given: its words, its proof, and what the log says of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.accounts.passkeys.checking import data_of, flaw_of
from apps.accounts.services.passkey_standing import flaws_in_log
from apps.approval.models import Signature
from apps.approval.models.signoff import SignOff
from apps.approval.rules import decision_text, fingerprint
from apps.approval.signoff import WITH_PASSKEY, note_of
from apps.audit.canonical import moment
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.audit.touched import object_key

SIGNED: list[type[SignOff]] = [Signature]
"""Every kind of signature; upper floors add theirs in ``ready()``."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """One signature and what is wrong with it: nothing, if it holds."""

    reference: str
    factor_class: str
    flaws: tuple[str, ...]


def signoffs_checked() -> Iterator[Checked]:
    """Check all signatures, those that were voided since as well, a chunk in memory."""
    for model in SIGNED:
        rows = model._base_manager.select_related("assertion__passkey", *model.BINDS).order_by("pk")
        for row in rows.iterator(chunk_size=CHUNK):
            yield Checked(row.reference, row.factor_class, tuple(_flaws(row)))


def _flaws(row: SignOff) -> Iterator[str]:
    try:
        decision = json.loads(row.decision)
        spelled = decision_text(decision) == row.decision
        signers = (decision["person"], decision["account"]) == (row.person_id, row.account_id)
        in_time = decision["issued_at"] <= moment(row.signed_at) <= decision["expires_at"]
    except (ValueError, KeyError, TypeError):
        yield "decision"
        return
    yield from (name for name, holds in (("spelling", spelled), ("signer", signers), ("time", in_time)) if not holds)
    if fingerprint(row.decision) != row.fingerprint:
        yield "fingerprint"
    if any(decision.get(name) != value for name, value in row.bound().items()):
        yield "binding"
    yield from _flaws_of_proof(row)
    yield from _flaws_of_log(row, decision)


def _flaws_of_proof(row: SignOff) -> Iterator[str]:
    held = row.assertion
    if held is None:
        yield from ["proof"] if row.factor_class == WITH_PASSKEY else []
        return
    flaw = flaw_of(
        challenge=bytes.fromhex(row.fingerprint), key=held.key, client_data=held.client_data,
        authenticator_data=held.authenticator_data, signature=held.signature,
    )  # fmt: skip
    yield from [flaw] if flaw else []
    if held.challenge != row.fingerprint or held.passkey.user_id != row.account_id or held.key != held.passkey.key:
        yield "passkey"


def _flaws_of_log(row: SignOff, decision: dict[str, Any]) -> Iterator[str]:
    """The log holds the signature as it is stored, and the passkey's key as it was added."""
    told = AuditEvent.objects.filter(object=object_key(row), action=Tag.DECISION_SIGNED.value).first()
    if told is None or told.data["outcome"] != "done" or told.data["note"]["signoff"] != note_of(row):
        yield "event"
    elif told.data.get("on_behalf_of", {}).get("person") != decision.get("on_behalf_of"):
        yield "deputy"
    if row.assertion is not None:
        host = data_of(row.assertion.authenticator_data)[:32]
        yield from flaws_in_log(row.assertion.passkey, moment(row.signed_at), host)
