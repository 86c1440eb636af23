"""Words for levels, measures, limits and changes of a memo, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.access.roles import Role
from apps.approval.models import ConditionKind, DecisionMemo
from apps.approval.rules import Flag
from apps.approval.rules.memos import RATIO_KINDS
from apps.core import figures
from apps.workflow.models import Facility

MEASURES: dict[str, Any] = {
    "amount": _("Amount"),
    "rate": _("Rate (fixed)"),
    "term": _("Term, months"),
    "dscr": _("Debt service cover (DSCR)"),
    "dti": _("Debt service / income (DTI)"),
    "ltv": _("Loan to value (LTV)"),
    "exposure": _("Total exposure of the group"),
    "debt_to_assets": _("Liabilities / assets"),
    "current_ratio": _("Current ratio"),
    "quick_ratio": _("Quick ratio"),
    "gross_margin": _("Gross margin"),
    "net_margin": _("Net margin"),
    "interest_cover": _("Interest cover"),
    "receivable_days": _("Receivables, days"),
    "inventory_days": _("Inventory, days"),
}
"""Every measure that a policy may limit, with its words."""

TONES = {
    Flag.WITHIN: "green",
    Flag.NEAR: "yellow",
    Flag.EXCEPTION: "red",
    Flag.UNKNOWN: "orange",
    Flag.UNLIMITED: "secondary",
}

PLACES: dict[str, Any] = {
    "facilities": _("Facility"),
    "conditions": _("Condition"),
    "guarantors": _("Guarantor"),
    "reasons": _("Reason of the grade"),
    "ratios": _("Ratio"),
    "texts": _("Text"),
    "collateral": _("Collateral"),
    "application": _("Application"),
    "amount": _("Amount"),
    "asked": _("Amount asked"),
    "term": _("Term, months"),
    "asked_term": _("Term asked, months"),
    "rate": _("Rate (fixed)"),
    "grade": _("Grade"),
    "points": _("Points"),
    "exposure_others": _("Other exposure of the group"),
    "needed": _("Signatures needed"),
    "policy": _("Policy"),
    "purpose": _("Purpose"),
    "narrative": _("Narrative"),
    "strengths": _("Strengths"),
    "risks": _("Risks"),
    "mitigants": _("Mitigants"),
    "detail": _("Detail"),
    "kind": _("Kind"),
    "collateral_value": _("Lending value of the collateral"),
    "talk": _("Question or answer"),
    "waivers": _("Waived by policy"),
    "text": _("Text"),
    "by": _("By"),
    "at": _("At"),
    "code": _("Code"),
    "due_days": _("Days after payout"),
    "text_en": _("Wording in English"),
    "text_zh": _("Wording in Chinese"),
    "prior_liens": _("Prior liens"),
    "pd": _("PD"),
    "repayment": _("Repayment"),
    "repayment_source": _("Source of repayment"),
    "visit": _("Visit"),
    "visited_at": _("Visited at"),
    "revision": _("Revision"),
    "recommendation": _("Recommendation"),
    "scorecard": _("Scorecard"),
    "product": _("Product"),
    "currency": _("Currency"),
    "is_secured": _("Secured"),
    "decline_level": _("Level that declines"),
    "assets": _("Assets"),
    "lending_value": _("Lending value"),
    "oldest_valuation_on": _("Oldest valuation"),
    "position": _("No."),
    "party": _("Person"),
}

VALUES: dict[str, dict[str, Any]] = {
    "kind": dict(ConditionKind.choices),
    "repayment": dict(Facility._meta.get_field("repayment").flatchoices),
    "is_secured": {"true": _("yes"), "false": _("no")},
    "decline_level": dict(Role.choices),
    "needed": dict(Role.choices),
}
"""Words of what a memo keeps as a code, by the name of the place."""
SUMS = ("amount", "asked", "exposure_others", "collateral_value", "lending_value", "prior_liens")


def level(code: str) -> str:
    """Words of one level."""
    return str(Role(code).label)


def levels(codes: Iterable[str]) -> str:
    """Words of several levels: ``Approver, level 1 + Approver, level 2``."""
    return " + ".join(level(code) for code in codes)


def amount_of(memo: DecisionMemo) -> Decimal:
    """Sum that a memo is about."""
    return Decimal(str(memo.summary["amount"]))


def figure(value: Any, kind: str, currency: str) -> str:
    """Write a figure of the memo's table as its kind is written: an amount with its currency, ``CNY 800,000``."""
    if value is None:
        return figures.NOTHING
    exact = Decimal(str(value))
    if kind == "amount":
        return f"{currency}\u00a0{figures.amount(exact, currency, brief=True)}"
    if kind == "rate":
        return figures.percent(exact, 2)
    if kind == "share":
        return figures.percent(exact * 100)
    return figures.number(exact, 2 if kind == "ratio" else 0)


KINDS = {"amount": "amount", "exposure": "amount", "rate": "rate", "term": "months", "ltv": "share", "dti": "share"}


def kind_of(measure: str) -> str:
    """How a measure's figures are written."""
    return KINDS.get(measure, RATIO_KINDS.get(measure, "ratio"))


def limit(line: Mapping[str, Any], currency: str) -> str:
    """Write a limit: ``≤ CNY 1,500,000``, ``≥ 1.25`` or ``4.80 %–7.20 %``."""
    low, high = (figure(line[name], line["kind"], currency) for name in ("low", "high"))
    if line["low"] is not None and line["high"] is not None:
        return f"{low}–{high}"
    if line["high"] is not None:
        return f"≤ {high}"
    return f"≥ {low}" if line["low"] is not None else figures.NOTHING


def flag(line: Mapping[str, Any]) -> str:
    """Say how a figure stands to its limit, and who must sign for it where it is outside."""
    held = Flag(line["flag"])
    if held is Flag.UNLIMITED:
        return ""
    if held is Flag.WITHIN:
        return _t("within")
    if held is Flag.NEAR:
        return _t("%(used)s used") % {"used": figures.percent(line["used"])}
    what = _t("exception") if held is Flag.EXCEPTION else _t("not known")
    who = _t("needs %(level)s") % {"level": level(line["level"])} if line["level"] else _t("nobody may sign it")
    return f"{what} · {who}"


def place(path: str) -> str:
    """Say where in a memo a change is: ``facilities.1.amount`` is ``Facility 1 · Amount``."""
    words: list[str] = []
    for part in path.removeprefix("extra.").split("."):
        if part.isdigit() and words:
            words[-1] = f"{words[-1]} {part}"
        else:
            words.append(str(PLACES.get(part, MEASURES.get(part, part))))
    return " · ".join(words)


def held(path: str, text: str) -> str:
    """A value of a memo as people read it: codes in words, sums and rates as figures, everything else as it stands."""
    name = next(part for part in reversed(path.split(".")) if not part.isdigit())
    if name in VALUES:
        return str(VALUES[name].get(text, text))
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    if name in SUMS:
        return figures.amount(exact, "", brief=True)
    return figures.percent(exact) if name == "rate" else text
