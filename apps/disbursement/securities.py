"""What secures the contract, in words for its text: guarantors, collateral with title and rank, conditions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.approval.models import Condition, ConditionKind
from apps.approval.selectors.conditions import conditions_standing
from apps.collateral.selectors import AssetKnown, assets_known
from apps.core import figures
from apps.credit_review.models.people import GuaranteeKind
from apps.disbursement.rules import rank_of_ours
from apps.disbursement.selectors.guarantees import StandsIn
from apps.workflow.models import LoanCase


def guarantor_lines(case: LoanCase, guarantors: list[StandsIn]) -> list[str]:
    """A line a guarantor, with the name in clear: the contract is kept under the borrower's key and opened on record."""
    return [
        _("%(name)s, guarantor, %(kind)s, up to %(currency)s %(amount)s.")
        % {
            "name": each.party.name.reveal(),
            "kind": str(GuaranteeKind(each.kind).label),
            "currency": case.currency,
            "amount": figures.amount(each.amount, case.currency),
        }
        for each in guarantors
    ]


def collateral_lines(case: LoanCase) -> list[str]:
    """A line an asset: what it is, whose, its title, and which rank the lender's lien has."""
    return [_asset(each, case) for each in assets_known(case) if not each.asset.is_released]


def _asset(known: AssetKnown, case: LoanCase) -> str:
    asset = known.asset
    owner = asset.owner.name.reveal() if asset.owner is not None else case.borrower.legal_name
    return _("%(kind)s: %(description)s, owned by %(owner)s, title %(title)s; the lender's lien has rank %(rank)s.") % {
        "kind": str(known.asset_class.label),
        "description": asset.description.words,
        "owner": owner,
        "title": asset.title_no.reveal(),
        "rank": rank_of_ours(known.facts.liens),
    }


def condition_lines(case: LoanCase, language: str) -> list[str]:
    """A line a condition: when it must be met, its words in a language, and what was added to them for this case."""
    return [_condition(each, language) for each in conditions_standing(case)]


def _condition(condition: Condition, language: str) -> str:
    text, detail = condition.text_in(language), str(condition.detail.reveal()) if condition.detail else ""
    words = f"{text} ({detail})" if detail else text
    if condition.kind != ConditionKind.SUBSEQUENT:
        return _("Before payout: %(text)s") % {"text": words}
    return _("Within %(days)s days after the first payout: %(text)s") % {"days": condition.due_days, "text": words}
