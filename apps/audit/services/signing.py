"""Signing keys come and go on record: each new one is an event of the transaction that stores it."""

from __future__ import annotations

from apps.audit.models import AuditSigningKey
from apps.audit.seals.due import lock
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.signing import newest_key, store_new_key, verifier_key
from apps.audit.tags import Tag
from apps.core.actor import Actor

SEALER = "sealer"


def sealer_actor(channel: str = "task") -> Actor:
    """The system actor under which the log is sealed."""
    return Actor.system(SEALER, channel=channel)


@act
def signing_key_ensure(*, actor: Actor) -> AuditSigningKey:
    """Return the key that signs now; makes the first where there is none, whoever else tries at the same time."""
    lock()
    return newest_key() or _made(actor, Tag.SIGNING_KEY_MADE)


@act
def signing_key_rotate(*, actor: Actor) -> AuditSigningKey:
    """Make a new signing key; the next head is signed by the old one as well."""
    lock()
    return _made(actor, Tag.SIGNING_KEY_ROTATED if newest_key() else Tag.SIGNING_KEY_MADE)


def _made(actor: Actor, tag: Tag) -> AuditSigningKey:
    before = newest_key()
    made = store_new_key()
    note = {"key": verifier_key(made).text(), **({"before": verifier_key(before).text()} if before else {})}
    record(tag, actor=actor, note=note)
    return made
