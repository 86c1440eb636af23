"""The report of a review of rights: a text that anybody reads, signed with the log's key as a signed note (c2sp.org/signed-note).

The first line has a space and a version in it, which no head's has: neither can be passed off as the other. Handles stand for
people. Reasons stay encrypted where they were given; the report says by whom and when each line was answered.
"""

from __future__ import annotations

from typing import Any

from apps.access.rights import handles_of
from apps.audit import notes
from apps.audit.canonical import canonical
from apps.audit.models import AuditSigningKey
from apps.audit.services.signing import signing_key_ensure
from apps.audit.signing import private_key, verifier_key
from apps.console.review_rows import ReviewLine, RightsReview
from apps.core import clock
from apps.core.actor import Actor

FIRST_LINE = "loanflow review of rights/v1"


def report_sign(actor: Actor, review: RightsReview) -> str:
    """Write and sign the report of a review inside the act that closes it; returns the note."""
    key = signing_key_ensure(actor=actor)
    text = "".join(f"{line}\n" for line in [FIRST_LINE, key.origin, *_lines(review)])
    return notes.written(text, [notes.signature_line(text, key.origin, private_key(key))])


def is_ours(note: str) -> bool:
    """Tell whether a report is one that the log's keys have signed, unchanged."""
    try:
        read = notes.parse(note)
    except notes.BadNote:
        return False
    known = (verifier_key(row) for row in AuditSigningKey.objects.all())
    return read.text.startswith(f"{FIRST_LINE}\n") and any(read.signed_by(key) for key in known)


def _lines(review: RightsReview) -> list[str]:
    rows = list(
        review.lines.select_related("grant__branch", "delegation", "share__content_object", "block__case").order_by(
            "person_id", "pk"
        )
    )
    people = {each for row in rows for each in (row.person_id, row.decided_by_id, row.reviewer_id) if each is not None}
    handles = handles_of(people | {review.opened_by_id or 0})
    head = {
        "review": str(review.uuid), "opened": review.created_at, "deadline": review.deadline, "closed": review.closed_at or clock.now(),
        "opened_by": handles.get(review.opened_by_id or 0, "clock"), "lines": len(rows),
    }  # fmt: skip
    return [canonical(_plain(head)), *(canonical(_plain(_told(row, handles))) for row in rows)]


def _told(row: ReviewLine, handles: dict[int, str]) -> dict[str, Any]:
    return {
        "person": handles.get(row.person_id, ""), "kind": row.kind, "about": _about(row), "until": row.until,
        "last_used": row.last_used_at, "conflicts": row.conflicts, "reviewer": handles.get(row.reviewer_id or 0, "administrators"),
        "verdict": row.verdict, "by": handles.get(row.decided_by_id or 0, ""), "at": row.decided_at,
    }  # fmt: skip


def _about(row: ReviewLine) -> str:
    """What a line is about, in codes that every reader's language leaves alone."""
    if row.grant is not None:
        return f"{row.grant.role} {row.grant.branch.code if row.grant.branch else '*'}"
    if row.delegation is not None:
        return row.delegation.role
    case = row.share.content_object if row.share is not None else row.block.case  # type: ignore[union-attr]
    return str(case.number)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}
