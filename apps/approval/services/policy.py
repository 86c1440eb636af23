"""Puts credit policies in force, version by version; a version is never changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.approval.models import Policy, PolicyAuthority
from apps.approval.rules import AuthorityRow, Limit, PolicyRules, gaps, policy_problems
from apps.approval.seeds import FIRST_POLICY
from apps.approval.services.activating import memos_put_under
from apps.approval.services.templates import templates_seed
from apps.approval.services.texts import text_taken
from apps.approval.wording import MEASURES
from apps.audit.canonical import canonical, digest, plain
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, StepUpNeeded
from apps.core.packs import Pack
from apps.core.permissions import Permission
from apps.credit_review.scorecard import GRADES

IN_MONEY = frozenset({"amount", "exposure"})
WHY_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What a new version of the policy says; amounts in ``currency``. ``nobody_for`` names the grades that nobody approves."""

    currency: str
    authorities: Sequence[AuthorityRow]
    limits: Sequence[Limit] = field(default=())
    memo_days: int = 30
    totp_up_to: Decimal | None = None
    visit_free_up_to: Decimal | None = None
    nobody_for: frozenset[str] = frozenset()

    def rules(self, version: int = 0) -> PolicyRules:
        """The draft as the plain values that rules judge."""
        rows, limits = tuple(self.authorities), tuple(self.limits)
        return PolicyRules(version, self.currency, rows, limits, self.totp_up_to, self.visit_free_up_to)

    @property
    def fingerprint(self) -> str:
        """Digest of all that the draft says: what was shown is what is put in force."""
        said = {
            "currency": self.currency, "limits": [_stored(limit) for limit in self.limits], "memo_days": self.memo_days,
            "rows": [_row_values(row) for row in self.authorities], "totp_up_to": _plain(self.totp_up_to),
            "visit_free_up_to": _plain(self.visit_free_up_to), "nobody_for": sorted(self.nobody_for),
        }  # fmt: skip
        return digest(canonical(plain(said)))


def draft_check(draft: PolicyDraft) -> None:
    """Raise ``BadInput`` with every sentence that keeps a draft from being put in force."""
    unknown = sorted({limit.measure for limit in draft.limits} - MEASURES.keys())
    problems = list(policy_problems(draft.rules()))
    if unknown:
        words = _("No memo has the measure “%(names)s”: a limit on it would never hold.")
        problems.append(words % {"names": ", ".join(unknown)})
    problems += gaps(draft.rules(), GRADES, draft.nobody_for)
    if problems:
        raise BadInput({"": list(dict.fromkeys(map(str, problems)))})


@act
def policy_publish(
    *, actor: Actor, draft: PolicyDraft, why: str, base: int | None = None, active_from: dt.datetime | None = None,
    listed: Sequence[str] = (),
) -> Policy:  # fmt: skip
    """Put a new version in force, with a fresh factor and the reason for it; cases keep their memo's version.

    But for those ``listed`` (``Waiting.token``): their memos are frozen anew under it, and what was signed on them is void.
    ``base`` is the version it was made from: ``BadInput`` where a newer one has come since, or where the draft
    contradicts itself or leaves a grade open.
    """
    authorize(actor, Permission.POLICY_MANAGE)
    if not actor.is_system and not actor.is_fresh(clock.now()):
        raise StepUpNeeded(action=Permission.POLICY_MANAGE)
    newest = _newest_locked()
    if base is not None and newest is not None and newest.version != base:
        raise BadInput(
            _("Version %(version)s was put in force meanwhile: begin anew from it.") % {"version": newest.version}
        )
    draft_check(draft)
    words = text_taken("why", why, most=WHY_LENGTH, required=True)
    policy = _create(draft, active_from or clock.now(), why=words, published_by_id=actor.account_id)
    voided = memos_put_under(policy, listed, actor)
    record(
        Tag.POLICY_ACTIVATED, actor=actor, subject=policy, policy=str(policy.version),
        note={"from": newest.version if newest else None, "digest": draft.fingerprint, "voided": voided},
    )  # fmt: skip
    return policy


@act
def policy_seed(*, actor: Actor, currency: str, scale: Decimal = Decimal(1)) -> Policy:
    """Lay down version 1 and the list of conditions, where there is no policy yet; returns the one in force.

    ``scale`` multiplies the policy's amounts, for currencies whose loans are larger or smaller.
    """
    authorize(actor, Permission.POLICY_MANAGE)
    existing = Policy.objects.order_by("-version").first()
    if existing is not None:
        return existing
    templates_seed()
    draft = first_draft(currency, scale)
    draft_check(draft)
    policy = _create(draft, clock.now(), why="first policy")
    record(Tag.POLICY_ACTIVATED, actor=actor, subject=policy, policy=str(policy.version))
    return policy


def policy_found(actor: Actor, pack: Pack) -> None:
    """At a first start, lay down the first policy in the pack's currency."""
    policy_seed(actor=actor, currency=pack.currency, scale=pack.lending.scale)


def first_draft(currency: str, scale: Decimal = Decimal(1)) -> PolicyDraft:
    """What the first policy says, in a currency."""
    rows = [dataclasses.replace(row, up_to=row.up_to * scale) for row in FIRST_POLICY.authorities]
    limits = [
        dataclasses.replace(limit, value=limit.value * scale) if limit.measure in IN_MONEY else limit
        for limit in FIRST_POLICY.limits
    ]
    named = {grade for row in rows for grade in row.grades}
    return PolicyDraft(currency, rows, limits, nobody_for=frozenset(GRADES) - named)


def draft_of(policy: Policy) -> PolicyDraft:
    """A version as a draft to begin the next one from; grades without a row are those that nobody approves."""
    rules = policy.rules()
    named = {grade for row in rules.authorities for grade in row.grades}
    return PolicyDraft(
        policy.currency, rules.authorities, rules.limits, policy.memo_days, policy.totp_up_to, policy.visit_free_up_to,
        frozenset(GRADES) - named,
    )  # fmt: skip


def _newest_locked() -> Policy | None:
    """The newest version; the first one's lock puts two who publish at once in line, so the second sees what the first did."""
    Policy.objects.select_for_update().order_by("version").first()
    return Policy.objects.order_by("-version").first()


def _create(draft: PolicyDraft, active_from: dt.datetime, **more: Any) -> Policy:
    newest = Policy.objects.aggregate(newest=Max("version"))["newest"] or 0
    policy = Policy.objects.create(
        version=newest + 1,
        active_from=active_from,
        currency=draft.currency,
        limits=[_stored(limit) for limit in draft.limits],
        memo_days=draft.memo_days,
        totp_up_to=draft.totp_up_to,
        visit_free_up_to=draft.visit_free_up_to,
        **more,
    )
    _rows_create(policy, draft.authorities)
    return policy


def _rows_create(policy: Policy, rows: Iterable[AuthorityRow]) -> None:
    for row in rows:
        PolicyAuthority.objects.create(
            policy=policy,
            currency=policy.currency,
            grades=sorted(row.grades),
            is_secured=row.secured,
            amount_up_to=row.up_to,
            signatures=list(row.signatures),
            decline_level=row.decline_level,
        )


def _row_values(row: AuthorityRow) -> list[object]:
    return [sorted(row.grades), row.secured, _plain(row.up_to), list(row.signatures), row.decline_level]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _stored(limit: Limit) -> dict[str, object]:
    return {
        "measure": limit.measure,
        "bound": limit.bound,
        "value": format(limit.value, "f"),
        "products": sorted(limit.products),
        "grades": sorted(limit.grades),
        "exception_level": limit.exception_level,
    }
