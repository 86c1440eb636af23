"""What approval's pages show. Opening a memo is a recorded look; figures without personal data are not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from apps.access.services import authorize
from apps.approval import wording
from apps.approval.gathering import memo_differs
from apps.approval.models import Condition, DecisionMemo, DeclineDecision, Signature
from apps.approval.rules import Flag
from apps.approval.selectors.conditions import conditions_standing
from apps.approval.selectors.memos import Standing, standing_of
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.figures import NOTHING
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.states import State

DERIVED = ("lines", "bounds", "ratios", "reasons")
TEXTS = ("narrative", "strengths", "risks", "mitigants")


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of the memo's table in words."""

    measure: str
    label: Any
    requested: str
    recommended: str
    limit: str
    flag: str
    tone: str
    is_outside: bool


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """A reason of the grade with its points."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class SignatureShown:
    """A signature with its comment in clear."""

    signature: Signature
    level: str
    comment: str


@dataclass(frozen=True, slots=True)
class DissentShown:
    """A decision against, with its dissent in clear."""

    decision: DeclineDecision
    level: str
    dissent: str


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A change against the memo before."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ConditionShown:
    """A condition with its further words in clear."""

    condition: Condition
    detail: str


@dataclass(frozen=True, slots=True)
class TalkShown:
    """A question to a colleague, or an answer, as the memo froze it."""

    is_answer: bool
    by: str
    at: dt.datetime
    text: str


@dataclass(frozen=True, slots=True)
class WaiverShown:
    """What the credit policy let go: amounts in the case's currency."""

    policy: int
    up_to: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MemoShown:
    """A memo opened: everything an approver reads before signing."""

    memo: DecisionMemo
    standing: Standing
    amount: Decimal
    asked: Decimal
    exposure_others: Decimal
    lines: Sequence[LineShown]
    facilities: Sequence[Mapping[str, Any]]
    reasons: Sequence[ReasonShown]
    most_points: int
    texts: Mapping[str, str]
    application: Mapping[str, Any]
    collateral: Mapping[str, Any]
    conditions: Sequence[ConditionShown]
    signatures: Sequence[SignatureShown]
    dissents: Sequence[DissentShown]
    changes: Sequence[ChangeShown]
    talk: Sequence[TalkShown]
    waivers: Sequence[WaiverShown]
    is_changed: bool
    is_expired: bool


def memo_open(actor: Actor, case: LoanCase, memo: DecisionMemo) -> MemoShown:
    """Open a memo with its comments and dissents; the look is recorded before anything is returned."""
    authorize(actor, Permission.APPROVAL_VIEW, case)
    record_read(
        Tag.MEMO_OPENED, actor=actor, subject=memo, case=case, purpose=Purpose(f"task:{case.state}"),
        fields=("content", "comments", "dissents", "conditions"), note={"digest": memo.digest},
    )  # fmt: skip
    content, standing = memo.content.reveal(), standing_of(memo)
    waits = case.state == State.APPROVAL and memo.voided_at is None
    return MemoShown(
        memo=memo,
        standing=standing,
        amount=wording.amount_of(memo),
        asked=Decimal(str(memo.summary["asked"])),
        exposure_others=Decimal(str(memo.summary["exposure_others"])),
        lines=lines_shown(memo),
        facilities=memo.summary["facilities"],
        reasons=reasons_shown(memo),
        most_points=max((abs(each["points"]) for each in memo.summary["reasons"]), default=1),
        texts={name: content["texts"].get(name, "") for name in TEXTS},
        application=content["extra"].get("application", {}),
        collateral=content["extra"].get("collateral", {}),
        conditions=[ConditionShown(each, str(each.detail.reveal())) for each in conditions_standing(case)],
        signatures=[
            SignatureShown(each, wording.level(each.level), str(each.comment.reveal())) for each in standing.signatures
        ],
        dissents=_dissents(memo),
        changes=changes_shown(memo),
        talk=[_said(each) for each in content["extra"].get("talk", ())],
        waivers=[_waived(each) for each in content["extra"].get("waivers", ())],
        is_changed=waits and memo_differs(memo, case),
        is_expired=waits and clock.now() >= memo.expires_at,
    )


def _said(each: Mapping[str, Any]) -> TalkShown:
    return TalkShown(each["kind"] == "answer", each["by"], dt.datetime.fromisoformat(each["at"]), each["text"])


def _waived(each: Mapping[str, Any]) -> WaiverShown:
    return WaiverShown(each["policy"], Decimal(str(each["up_to"])), Decimal(str(each["amount"])))


def lines_shown(memo: DecisionMemo) -> list[LineShown]:
    """The memo's table in words; opens nothing."""
    currency = str(memo.summary["currency"])
    return [_line(line, currency) for line in memo.summary["lines"]]


def _line(line: Mapping[str, Any], currency: str) -> LineShown:
    held, kind = Flag(line["flag"]), line["kind"]
    return LineShown(
        line["measure"], wording.MEASURES[line["measure"]], wording.figure(line["requested"], kind, currency),
        wording.figure(line["recommended"], kind, currency), wording.limit(line, currency), wording.flag(line),
        wording.TONES[held], held in (Flag.EXCEPTION, Flag.UNKNOWN),
    )  # fmt: skip


def reasons_shown(memo: DecisionMemo) -> list[ReasonShown]:
    """Reasons of the grade in the reader's language; opens nothing."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [ReasonShown(each[language], each["points"]) for each in memo.summary["reasons"]]


def changes_shown(memo: DecisionMemo) -> list[ChangeShown]:
    """What changed against the memo before, without what follows from it; part of an opened memo."""
    changes = memo.difference.reveal() if memo.difference else []
    told = [change for change in changes if is_told(change["path"].split("."))]
    shown = [
        ChangeShown(wording.place(each["path"]), *(plain(each["path"], each[side]) for side in ("before", "after")))
        for each in told
    ]
    return [each for each in shown if (each.before, each.after) != (NOTHING, NOTHING)]


def is_told(path: Sequence[str]) -> bool:
    """What follows from a change is not told again; of a question or an answer its words are enough, as of a condition."""
    if path[0] in DERIVED or (path[0] == "conditions" and path[-1] == "code"):
        return False
    return path[:2] != ["extra", "talk"] or path[-1] == "text"


def plain(path: str, value: str | None) -> str:
    """A value of a memo as people read it; nothing is a dash."""
    if value is None:
        return NOTHING
    held = json.loads(value)
    return wording.held(path, held if isinstance(held, str) else value) or NOTHING


def _dissents(memo: DecisionMemo) -> list[DissentShown]:
    made = [each for each in rows(memo.case, DeclineDecision, "account") if each.memo_id == memo.pk]
    return [DissentShown(each, wording.level(each.level), str(each.dissent.reveal())) for each in made]
