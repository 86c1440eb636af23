"""Sections of the file that review, collateral, approval and contract fill; each opens what it shows on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.approval import wording
from apps.approval.selectors.memos import memo_live, memos_of
from apps.approval.selectors.pages import MemoShown, memo_open
from apps.collateral.selectors import assets_known, overview
from apps.collateral.selectors.overview import AssetLine
from apps.core import figures
from apps.core.actor import Actor
from apps.credit_review.selectors.overview import ratio_table, recommendation_shown, score_shown
from apps.disbursement.selectors import contract_live
from apps.disbursement.selectors.conditions import ConditionStanding, conditions_standing
from apps.disbursement.selectors.contracts import parties_of
from apps.reports.casefile.blocks import Block, Note, Section, fingerprint, grid, money, pairs, words
from apps.workflow.models import Facility, LoanCase

STATUS = {
    "met": lambda: _("met"), "waived": lambda: _("waived"), "given": lambda: _("to be verified"), "overdue": lambda: _("overdue"),
    "later": lambda: _("to follow"), "open": lambda: _("open"),
}  # fmt: skip


def narrative(actor: Actor, case: LoanCase) -> Section | None:
    """The analyst's recommendation; opening it is recorded."""
    shown = recommendation_shown(actor, case)
    if shown is None:
        return None
    row = shown.row
    heading = [_("Facility"), _("Asked"), _("Proposed"), _("Months"), _("Rate")]
    terms = [
        [each.facility.get_kind_display(), money(each.facility.amount, row.currency), money(each.amount, row.currency), each.term_months, figures.percent(each.rate, 2)]
        for each in row.terms.all()
    ]  # fmt: skip
    texts = shown.texts
    return Section(_("Recommendation"), [
        pairs((_("Analyst"), shown.analyst), (_("Sent"), row.sent_at)), grid(heading, terms, 1, 2, 3, 4),
        *words(
            (_("Narrative"), texts.narrative), (_("Strengths"), texts.strengths), (_("Risks"), texts.risks),
            (_("Mitigants"), texts.mitigants), (_("Conditions precedent"), "\n".join(texts.conditions)),
        ),
    ])  # fmt: skip


def ratios(actor: Actor, case: LoanCase) -> Section | None:
    """Ratios over the years, and the grade with its reasons."""
    table, score = ratio_table(case), score_shown(case)
    blocks: list[Block] = []
    if table is not None:
        years = [str(year) for year in table["years"]]
        rows = [
            [line.ratio.label, *(_ratio(value, line.ratio.unit.value) for value in line.values)]
            for line in table["lines"]
        ]
        blocks.append(grid([_("Ratio"), *years], rows, *range(1, len(years) + 1)))
    if score is not None:
        run = score.run
        blocks.append(pairs(
            (_("Risk grade"), run.grade), (_("PD"), _share(run.pd)), (_("Points"), run.total), (_("Scorecard"), run.scorecard),
            (_("DSCR with the proposed loan"), figures.number(score.dscr, 2) if score.dscr is not None else None),
        ))  # fmt: skip
        blocks.append(grid([_("Reason"), _("Points")], [[each.text, f"{each.points:+d}"] for each in score.reasons], 1))
    return Section(_("Ratios and grade"), blocks) if blocks else None


def _ratio(value: Any, unit: str) -> str:
    if value is None:
        return figures.NOTHING
    return _share(value) if unit == "percent" else figures.number(value, 0 if unit == "days" else 2)


def _share(value: Any) -> str:
    return figures.percent(value * 100, 1) if value is not None else figures.NOTHING


def memo(actor: Actor, case: LoanCase) -> Section | None:
    """The decision memo that stands, or the last one; opening it is recorded."""
    found = memo_live(case) or next(iter(memos_of(case)), None)
    if found is None:
        return None
    shown = memo_open(actor, case, found)
    return Section(_("Decision memo"), [
        pairs(
            (_("Memo"), found.number), (pgettext("at a time", "Frozen"), found.frozen_at), (_("Holds until"), found.expires_at), (_("Void since"), found.voided_at),
            (_("Credit policy"), f"v{found.policy.version}"), (_("Fingerprint"), fingerprint(found.digest)), (_("To sign"), money(shown.amount, case.currency)),
            (_("Exposure beside it"), money(shown.exposure_others, case.currency)),
        ),
        grid([_("Measure"), _("Requested"), _("Recommended"), _("Limit"), _("Standing")],
             [[line.label, line.requested, line.recommended, line.limit, line.flag] for line in shown.lines], 1, 2, 3),
        grid([_("No."), _("Facility"), _("Amount"), _("Months"), _("Rate")], [_terms(each, case) for each in shown.facilities], 2, 3, 4),
        *_said(shown),
    ])  # fmt: skip


def _terms(each: Mapping[str, Any], case: LoanCase) -> list[Any]:
    kinds = dict(Facility._meta.get_field("kind").flatchoices)
    return [
        each["position"], kinds.get(each["kind"], each["kind"]), money(each["amount"], case.currency), each["term"],
        figures.percent(each["rate"], 2),
    ]  # fmt: skip


def _said(shown: MemoShown) -> list[Block]:
    """What the memo rests on in words, and what was said against it."""
    against = "\n".join(f"{each.level}: {each.dissent}" for each in shown.dissents)
    return words(
        (_("Analyst's narrative"), shown.texts["narrative"]), (_("Strengths"), shown.texts["strengths"]), (_("Risks"), shown.texts["risks"]),
        (_("Mitigants"), shown.texts["mitigants"]), (_("Dissent"), against),
    )  # fmt: skip


def collateral(actor: Actor, case: LoanCase) -> Section | None:
    """Assets with what they lend; nothing sealed is opened."""
    known = assets_known(case)
    if not known:
        return None
    table = overview.table(case, known)
    together = table["weighed"]
    heading = [_("Asset"), _("Value"), _("Valued on"), _("Prior liens"), _("Haircut"), _("Lending value")]
    return Section(_("Collateral"), [
        grid(heading, [_asset(line, case.currency) for line in table["lines"]], 1, 3, 4, 5),
        pairs(
            (_("Value together"), money(together.total_value, case.currency)), (_("Lending value"), money(together.lending_value, case.currency)),
            (_("Loan to value (LTV)"), _share(together.ltv)), (_("Cover"), figures.number(together.cover, 2) if together.cover is not None else None),
        ),
    ])  # fmt: skip


def _asset(line: AssetLine, currency: str) -> list[Any]:
    facts = line.facts
    prior = money(facts.prior, currency) if facts.liens_checked_on else None
    return [
        f"{line.known.asset.description.words} ({line.known.asset_class.label})", money(facts.value, currency), facts.valued_on, prior,
        _share(facts.haircut), money(line.lending_value, currency),
    ]  # fmt: skip


def conditions(actor: Actor, case: LoanCase) -> Section | None:
    """Conditions of the approval and how each stands."""
    rows = [_condition(each) for each in conditions_standing(case)]
    heading = [_("Condition"), _("Standing"), _("Due")]
    return Section(_("Conditions"), [grid(heading, rows)]) if rows else None


def _condition(each: ConditionStanding) -> list[Any]:
    return [each.condition.text, STATUS[each.status](), each.due_on]


def approvers(actor: Actor, case: LoanCase) -> Section | None:
    """Who signed the memo that stands, with which proof."""
    found = memo_live(case)
    if found is None:
        return None
    given = found.signatures.filter(voided_at=None).select_related("account").order_by("id")
    rows = [
        [
            each.account.handle,
            wording.level(each.level),
            each.signed_at,
            each.factor_class,
            fingerprint(each.fingerprint),
        ]
        for each in given
    ]
    heading = [_("Approver"), _("Level"), _("Signed"), _("Class of proof"), _("Fingerprint")]
    blocks: list[Block] = [grid(heading, rows)] if rows else [Note(_("Nobody has signed yet."))]
    return Section(_("Signatures"), blocks)


def signers(actor: Actor, case: LoanCase) -> Section | None:
    """The signing list of the contract, names masked."""
    contract = contract_live(case)
    if contract is None:
        return None
    rows = [
        [line.party.name.masked, line.get_role_display(), line.signed_on, line.witnessed_at]
        for line in parties_of(contract)
    ]
    heading = [_("Name"), _("Signs as"), _("Signed on"), _("Compared by both witnesses")]
    return Section(_("Contract and who signs it"), [
        pairs((_("Sealed"), contract.sealed_at), (_("Concluded by the bank"), contract.concluded_at)), grid(heading, rows),
    ])  # fmt: skip
