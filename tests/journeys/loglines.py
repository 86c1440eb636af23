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
    done = AuditEvent.objects.filter(outcome="done")
    return Counter((done if actor is None else done.filter(actor=actor)).values_list("action", flat=True))


def who_did(tag: Tag) -> set[str]:
    """Who stands in the log for an act."""
    return set(AuditEvent.objects.filter(outcome="done", action=tag).values_list("actor", flat=True))


def acts_of(person: str) -> list[str]:
    """Acts of somebody in their order; looks stay out."""
    rows = AuditEvent.objects.filter(outcome="done", actor=person).exclude(kind="read")
    return list(rows.order_by("id").values_list("action", flat=True))


def verified() -> str:
    """What ``audit_verify`` says; it would exit with 1, and so fail the test, where the log is not intact."""
    said = io.StringIO()
    call_command("audit_verify", stdout=said)
    return said.getvalue()
