"""The decision a person signs: exactly which terms, on which frozen memo, by whom, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.approval.models import Condition, DecisionMemo
from apps.approval.rules import decision_text, fingerprint
from apps.approval.signoff import Challenge
from apps.audit.canonical import digest
from apps.core.actor import Actor
from apps.workflow.models import LoanCase

SCHEMA = "loanflow/decision/1"
APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its canonical text and fingerprint."""

    facts: Mapping[str, Any]
    text: str
    fingerprint: str


def decision_to_sign(memo: DecisionMemo, case: LoanCase, actor: Actor, level: str, challenge: Challenge) -> Decision:
    """What an approver signs now; equal memo, signer and challenge give an equal text."""
    facts = {
        "action": APPROVE,
        "case": case.number,
        "memo": memo.number,
        "state": memo.digest,
        "policy": memo.policy.version,
        "amount": Decimal(str(memo.summary["amount"])),
        "currency": case.currency,
        "facilities": facilities_signed(memo),
        "conditions": conditions_signed(case),
        "level": level,
    }
    return decision_by(actor, challenge, facts)


def decision_by(actor: Actor, challenge: Challenge, facts: Mapping[str, Any]) -> Decision:
    """The decision over some facts: with whoever signs it, for whom, and the challenge that makes it good once."""
    whole = {
        **facts,
        "schema": SCHEMA,
        "person": actor.person_id,
        "account": actor.account_id,
        **for_whom(actor),
        "nonce": challenge.nonce,
        "issued_at": challenge.issued_at,
        "expires_at": challenge.expires_at,
    }
    text = decision_text(whole)
    return Decision(whole, text, fingerprint(text))


def for_whom(actor: Actor) -> dict[str, int]:
    """Whom a deputy signs for, as part of what is signed: a page opened in one's own name is not signed in another's."""
    return {} if actor.on_behalf_of is None else {"on_behalf_of": actor.on_behalf_of}


TERMS = ("position", "amount", "term", "rate", "repayment")


def facilities_signed(memo: DecisionMemo) -> list[dict[str, Any]]:
    """Terms of each facility as the memo froze them: amount and rate as text, term in months."""
    return [{key: facility[key] for key in TERMS} for facility in memo.summary["facilities"]]


def conditions_signed(case: LoanCase) -> Sequence[dict[str, Any]]:
    """Conditions by code; the words of a detail, which may name people, stand as their digest with the row's own salt."""
    rows = Condition.objects.filter(case=case, removed_at=None)
    return [{"code": row.code, "kind": row.kind, "due_days": row.due_days, "detail": _sealed(row)} for row in rows]


def _sealed(condition: Condition) -> str:
    words = condition.detail.reveal()
    return digest(f"{condition.uuid.hex}:{words}") if words else ""
