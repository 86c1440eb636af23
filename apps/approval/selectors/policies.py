"""Reads of the credit policy and the list of conditions. How a policy is drawn is the matter of ``policy_pages``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.applications.ports import VisitFree
from apps.approval.models import ConditionTemplate, DecisionMemo, Policy
from apps.core import clock
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
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


def templates_all() -> list[ConditionTemplate]:
    """The whole list of conditions, those in use first."""
    return list(ConditionTemplate.objects.order_by("-is_active", "id"))


def template_named(code: str) -> ConditionTemplate:
    """A condition of the list; raises ``NotVisible`` for an unknown code."""
    found = ConditionTemplate.objects.filter(code=code).first()
    if found is None:
        raise NotVisible(action=Permission.POLICY_MANAGE)
    return found


def versions() -> list[Policy]:
    """All versions, newest first, with who put each in force."""
    return list(Policy.objects.select_related("published_by").order_by("-version"))


def version_numbered(number: int) -> Policy:
    """One version; raises ``NotVisible`` for a number that does not exist."""
    found = Policy.objects.select_related("published_by").filter(version=number).first()
    if found is None:
        raise NotVisible(action=Permission.APPROVAL_VIEW)
    return found
