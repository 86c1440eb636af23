"""What a journey finds in the log at its end."""

from __future__ import annotations

import io
from collections import Counter

from django.core.management import call_command

from apps.audit.models import AuditEvent
from apps.audit.tags import Tag

SIGNED_IN = (Tag.PASSWORD_PROVED, Tag.FACTOR_PROVED, Tag.SIGNED_IN)
"""How everybody's part of a journey begins."""


def in_the_log(actor: str | None = None) -> Counter[str]:
    """How often each act that was done stands in the log, of one person where named."""
    whose = {} if actor is None else {"actor": actor}
    return Counter(AuditEvent.objects.filter(outcome="done", **whose).values_list("action", flat=True))


def who_did(tag: Tag) -> set[str]:
    """Who stands in the log for an act."""
    return set(AuditEvent.objects.filter(outcome="done", action=tag).values_list("actor", flat=True))


def acts_of(person: str) -> list[str]:
    """Acts of somebody in their order; looks stay out."""
    done = {"outcome": "done", "actor": person}
    return list(AuditEvent.objects.filter(**done).exclude(kind="read").order_by("id").values_list("action", flat=True))


def verified() -> str:
    """What ``audit_verify`` says; it would exit with 1, and so fail the test, where the log is not intact."""
    said = io.StringIO()
    call_command("audit_verify", stdout=said)
    return said.getvalue()
