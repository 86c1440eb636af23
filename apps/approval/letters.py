"""The words of letters, as plain data for their template; every sentence in the letter's own language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import Institution
from apps.approval.models import DecisionReview, Offer, ReviewOutcome
from apps.core import clock, figures
from apps.core.packs import pack_for
from apps.workflow.models import Facility, LoanCase, Reason

Words = dict[str, Any]


def offer_letter(case: LoanCase, offer: Offer, details: Mapping[str, str], place: Institution, language: str) -> Words:
    """An offer with its terms, conditions and last day."""
    with translation.override(language):
        until = date_format(offer.ends_on, "DATE_FORMAT")
        return {
            **_frame(case, place, _("Offer of a loan")),
            "opening": [
                _("We are pleased to offer the following, on the basis of your application %(case)s.") % {"case": case.number}
            ],
            "heading": [_("Facility"), _("Amount"), _("Term"), _("Rate, fixed"), _("Repayment")],
            "rows": [_facility_row(each, offer.currency) for each in offer.terms["facilities"]],
            "lists": list(_condition_lists(offer.terms["conditions"], details, language)),
            "closing": [
                _("The offer stands through %(day)s. You accept it in the portal, or by signing and returning a copy of this letter.") % {"day": until},
                _("If you wish for other terms, tell us before that day; your application then goes back to the credit review."),
            ],
        }  # fmt: skip


def decline_letter(case: LoanCase, reasons: Sequence[Reason], place: Institution, language: str) -> Words:
    """A decline with its principal reasons, and what the jurisdiction lets the borrower ask for."""
    with translation.override(language):
        asked = f"{case.currency} {figures.amount(case.amount_asked, case.currency)}"
        return {
            **_frame(case, place, _("Our decision on your application")),
            "opening": [
                _("Thank you for your application %(case)s for %(amount)s.") % {"case": case.number, "amount": asked},
                _("After careful review we cannot grant it."),
            ],
            "lists": [{"heading": _("Principal reasons"), "lines": [_reason(each, language) for each in reasons]}],
            "closing": [str(pack_for(place.pack).decline_letter)],
        }


def review_letter(case: LoanCase, review: DecisionReview, reasons: str, place: Institution, language: str) -> Words:
    """What a person found who looked at a decision again, with the reasons as written."""
    with translation.override(language):
        asked = date_format(clock.day_of(review.created_at, place.time_zone), "DATE_FORMAT")
        return {
            **_frame(case, place, _("A second look at our decision")),
            "opening": [
                _("On %(day)s you asked us to look again at our decision on your application %(case)s.")
                % {"day": asked, "case": case.number},
                _("A person who took no part in that decision has done so."),
                _found(review.outcome),
            ],
            "lists": [{"heading": _("Reasons"), "lines": [line for line in reasons.splitlines() if line.strip()]}],
            "closing": [],
        }


def _found(outcome: str) -> str:
    return {
        ReviewOutcome.UPHELD.value: _("The decision stands."),
        ReviewOutcome.REOPENED.value: _("We take the application up again; other people than before decide on it."),
        ReviewOutcome.REFERRED.value: _(
            "The terms are looked at anew by those who may change them. Our offer stands meanwhile."
        ),
    }[outcome]


def _frame(case: LoanCase, place: Institution, title: str) -> Words:
    return {
        "title": title,
        "institution": place.name,
        "reference": case.number,
        "to": case.borrower.legal_name,
        "date": date_format(clock.today(place.time_zone), "DATE_FORMAT"),
        "footer": case.branch.name,
    }


def _facility_row(terms: Mapping[str, Any], currency: str) -> list[str]:
    return [
        f"{terms['position']} · {dict(Facility._meta.get_field('kind').flatchoices)[terms['kind']]}",
        f"{currency} {figures.amount(terms['amount'], currency)}",
        _("%(count)s months") % {"count": terms["term"]},
        _("%(rate)s a year") % {"rate": figures.percent(terms["rate"], 2)},
        str(dict(Facility._meta.get_field("repayment").flatchoices)[terms["repayment"]]),
    ]


def _condition_lists(
    conditions: Iterable[Mapping[str, Any]], details: Mapping[str, str], language: str
) -> Iterable[Words]:
    headings = {"precedent": _("Conditions before payout"), "subsequent": _("Conditions after payout")}
    for kind, heading in headings.items():
        lines = [_condition(each, details, language) for each in conditions if each["kind"] == kind]
        if lines:
            yield {"heading": heading, "lines": lines}


def _condition(condition: Mapping[str, Any], details: Mapping[str, str], language: str) -> str:
    chinese = language.startswith("zh") and condition["text_zh"]
    words = str(condition["text_zh"] if chinese else condition["text_en"])
    detail = details.get(str(condition["code"]), "")
    due = (
        _("within %(count)s days of the first payout") % {"count": condition["due_days"]}
        if condition["due_days"]
        else ""
    )
    return " · ".join(part for part in (words, detail, due) if part)


def _reason(reason: Reason, language: str) -> str:
    return reason.name_zh if language.startswith("zh") and reason.name_zh else reason.name_en
