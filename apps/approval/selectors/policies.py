"""Reads of the credit policy and the list of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.ports import VisitFree
from apps.approval import wording
from apps.approval.models import ConditionTemplate, DecisionMemo, Policy
from apps.approval.rules import AuthorityRow, Limit, final_level
from apps.core import clock
from apps.core.errors import Refused
from apps.workflow.models import LoanCase


def in_force() -> Policy | None:
    """The newest version whose day has come, or ``None`` before the first."""
    return Policy.objects.filter(active_from__lte=clock.now()).order_by("-version").first()


def policy_in_force() -> Policy:
    """The newest version whose day has come; raises ``Refused`` where no policy was laid down."""
    found = in_force()
    if found is None:
        raise Refused("policy", _("There is no credit policy in force. The head of credit puts one in force first."))
    return found


def policy_for(case: LoanCase) -> Policy:
    """The version that holds for a case: that of its last memo, or else the one in force."""
    last = DecisionMemo.objects.select_related("policy").filter(case=case).order_by("-number").first()
    return policy_in_force() if last is None else last.policy


def visit_free(case: LoanCase) -> VisitFree | None:
    """Up to which amount the version that holds for a case asks for no visit; ``None`` where it always does."""
    last = DecisionMemo.objects.select_related("policy").filter(case=case).order_by("-number").first()
    policy = in_force() if last is None else last.policy
    if policy is None or policy.visit_free_up_to is None or policy.currency != case.currency:
        return None
    return VisitFree(policy.visit_free_up_to, policy.version)


def templates_in_use() -> list[ConditionTemplate]:
    """Conditions that may be chosen, in the order of the list."""
    return list(ConditionTemplate.objects.filter(is_active=True))


@dataclass(frozen=True, slots=True)
class AuthorityShown:
    """A row of the authority matrix in words."""

    grades: str
    kind: Any
    up_to: Decimal
    signatures: str
    declines: str


@dataclass(frozen=True, slots=True)
class LimitShown:
    """A limit in words."""

    measure: Any
    scope: str
    limit: str
    beyond: str


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A policy in words."""

    policy: Policy
    authorities: Sequence[AuthorityShown]
    limits: Sequence[LimitShown]


def policy_shown(policy: Policy) -> PolicyShown:
    """A policy as a compliance officer reads it."""
    rules = policy.rules()
    authorities = [
        _authority(row) for row in sorted(rules.authorities, key=lambda row: (sorted(row.grades), row.up_to))
    ]
    return PolicyShown(policy, authorities, [_limit(limit, policy.currency) for limit in rules.limits])


def _authority(row: AuthorityRow) -> AuthorityShown:
    kinds = {None: _("secured and unsecured"), True: _("secured"), False: _("unsecured")}
    declines = wording.level(final_level(row.signatures, row.decline_level))
    return AuthorityShown(
        ", ".join(sorted(row.grades)), kinds[row.secured], row.up_to, wording.levels(row.signatures), declines
    )


def _limit(limit: Limit, currency: str) -> LimitShown:
    kind = wording.kind_of(limit.measure)
    line = {
        "kind": kind,
        "low": limit.value if limit.bound == "min" else None,
        "high": limit.value if limit.bound == "max" else None,
    }
    scope = " · ".join([*sorted(limit.products), *sorted(limit.grades)])
    beyond = wording.level(limit.exception_level) if limit.exception_level else ""
    return LimitShown(wording.MEASURES.get(limit.measure, limit.measure), scope, wording.limit(line, currency), beyond)
