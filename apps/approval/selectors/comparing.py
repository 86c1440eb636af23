"""Any two memos of a case side by side: what differs, by section, texts word by word; both looks are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.access.services import authorize
from apps.applications.rules.comparing import Piece, pieces
from apps.approval import wording
from apps.approval.models import DecisionMemo
from apps.approval.rules import Change, differences
from apps.approval.rules.decisions import NOT_COMPARED
from apps.approval.selectors.memos import memos_of
from apps.approval.selectors.pages import is_told, plain
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase

LONG = 40
"""A text of more characters than this is compared word by word."""


@dataclass(frozen=True, slots=True)
class MemoLine:
    """A place of the memo that differs; ``kind`` is ``added``, ``removed`` or ``changed``."""

    label: str
    kind: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoGroup:
    """A section of the memo with what differs in it."""

    title: str
    changed: tuple[MemoLine, ...]


@dataclass(frozen=True, slots=True)
class MemosCompared:
    """All memos of a case, newest first, and the two that are compared."""

    kept: Sequence[DecisionMemo]
    left: DecisionMemo | None = None
    right: DecisionMemo | None = None
    groups: tuple[MemoGroup, ...] = field(default=())


def memos_compared(actor: Actor, case: LoanCase, left: int | None, right: int | None) -> MemosCompared:
    """Compare two memos by number, or the last two; raises as ``authorize`` does."""
    authorize(actor, Permission.APPROVAL_VIEW, case)
    memos = memos_of(case)
    known = {memo.number: memo for memo in memos}
    pair = (known.get(left or 0), known.get(right or 0))
    older, newer = pair if all(pair) else (memos[1], memos[0]) if len(memos) > 1 else (None, None)
    if older is None or newer is None:
        return MemosCompared(memos)
    for memo in dict.fromkeys((older, newer)):
        record_read(
            Tag.MEMO_OPENED, actor=actor, subject=memo, case=case, purpose=Purpose(f"task:{case.state}"), fields=("content",),
            note={"digest": memo.digest, "left": older.number, "right": newer.number},
        )  # fmt: skip
    return MemosCompared(memos, older, newer, _groups(differences(_content(older), _content(newer))))


def _content(memo: DecisionMemo) -> dict[str, Any]:
    return {name: value for name, value in memo.content.reveal().items() if name not in NOT_COMPARED}


def _groups(changes: Sequence[Change]) -> tuple[MemoGroup, ...]:
    """Changes by the first words of their place; what only follows from another change is not told."""
    found: dict[str, list[MemoLine]] = {}
    for change in changes:
        if is_told(change.path.split(".")):
            section, _dot, rest = wording.place(change.path).partition(" · ")
            found.setdefault(section, []).append(_line(rest or section, change))
    return tuple(MemoGroup(section, tuple(lines)) for section, lines in found.items())


def _line(label: str, change: Change) -> MemoLine:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    before, after = plain(change.path, change.before), plain(change.path, change.after)
    split = kind == "changed" and max(len(before), len(after)) > LONG
    return MemoLine(label, kind, before, after, tuple(pieces(before, after)) if split else ())
