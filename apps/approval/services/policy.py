"""Puts credit policies in force, and lays down the first one with its list of conditions."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.approval.models import ConditionTemplate, Policy, PolicyAuthority
from apps.approval.rules import AuthorityRow, Limit, policy_problems
from apps.approval.seeds import CONDITIONS, FIRST_POLICY
from apps.approval.wording import MEASURES
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.packs import Pack
from apps.core.permissions import Permission

IN_MONEY = frozenset({"amount", "exposure"})


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What a new version of the policy says; amounts in ``currency``."""

    currency: str
    authorities: Sequence[AuthorityRow]
    limits: Sequence[Limit] = field(default=())
    memo_days: int = 30
    totp_up_to: Decimal | None = None
    visit_free_up_to: Decimal | None = None


@act
def policy_publish(*, actor: Actor, draft: PolicyDraft, active_from: dt.datetime | None = None) -> Policy:
    """Put a new version in force; cases keep their memo's version. Raises ``BadInput`` where it contradicts itself."""
    authorize(actor, Permission.POLICY_MANAGE)
    unknown = sorted({limit.measure for limit in draft.limits} - MEASURES.keys())
    if unknown:
        raise BadInput(
            _("No memo has the measure “%(names)s”: a limit on it would never hold.") % {"names": ", ".join(unknown)}
        )
    policy = _create(draft, active_from or clock.now())
    record(Tag.POLICY_ACTIVATED, actor=actor, subject=policy, policy=str(policy.version))
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
    _conditions_seed()
    policy = _create(_scaled(currency, scale), clock.now())
    record(Tag.POLICY_ACTIVATED, actor=actor, subject=policy, policy=str(policy.version))
    return policy


def policy_found(actor: Actor, pack: Pack) -> None:
    """At a first start, lay down the first policy in the pack's currency."""
    policy_seed(actor=actor, currency=pack.currency, scale=pack.lending.scale)


def _scaled(currency: str, scale: Decimal) -> PolicyDraft:
    rows = [
        AuthorityRow(frozenset(row.grades), row.up_to * scale, row.signatures, row.secured, row.decline_level)
        for row in FIRST_POLICY.authorities
    ]
    limits = [
        dataclasses.replace(limit, value=limit.value * scale) if limit.measure in IN_MONEY else limit
        for limit in FIRST_POLICY.limits
    ]
    return PolicyDraft(currency, rows, limits)


def _conditions_seed() -> None:
    known = set(ConditionTemplate.objects.values_list("code", flat=True))
    for code, kind, applies_to, due_days, text_en, text_zh in CONDITIONS:
        if code not in known:
            ConditionTemplate.objects.create(
                code=code, kind=kind, applies_to=applies_to, due_days=due_days, text_en=text_en, text_zh=text_zh
            )


def _create(draft: PolicyDraft, active_from: dt.datetime) -> Policy:
    newest = Policy.objects.aggregate(newest=Max("version"))["newest"] or 0
    policy = Policy.objects.create(
        version=newest + 1,
        active_from=active_from,
        currency=draft.currency,
        limits=[_stored(limit) for limit in draft.limits],
        memo_days=draft.memo_days,
        totp_up_to=draft.totp_up_to,
        visit_free_up_to=draft.visit_free_up_to,
    )
    _rows_create(policy, draft.authorities)
    problems = policy_problems(policy.rules())
    if problems:
        raise BadInput({"": problems})
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


def _stored(limit: Limit) -> dict[str, object]:
    return {
        "measure": limit.measure,
        "bound": limit.bound,
        "value": format(limit.value, "f"),
        "products": sorted(limit.products),
        "grades": sorted(limit.grades),
        "exception_level": limit.exception_level,
    }
