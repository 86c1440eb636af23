"""The trade's words, explained once in the project's own: beside the labels where they stand, and on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means here, in one or two sentences."""

    word: Any
    text: Any


# fmt: off
TERMS: dict[str, Term] = {
    "dscr": Term(_("Debt service coverage (DSCR)"), _("What the business earns in a year before interest, divided by what it has to pay on its debts in that year. Below 1 the earnings do not reach.")),
    "dti": Term(_("Debt service to income (DTI)"), _("The share of income that goes to interest and instalments. The lower, the more is left when a month goes badly.")),
    "ltv": Term(_("Loan to value (LTV)"), _("The loan divided by what the collateral is worth. At 60 % the value may fall by 40 % before the loan is no longer covered.")),
    "pd": Term(_("Probability of default (PD)"), _("How likely it is that the borrower stops paying within a year, as the scorecard reckons it. It orders cases; it says nothing certain of one.")),
    "grade": Term(_("Risk grade"), _("A letter from A (small risk) to E (large), made from the probability of default. It decides how high an authority must sign.")),
    "scorecard": Term(_("Scorecard"), _("A table of features with points. The points are added up and stand on the page one by one, so that everybody can see why.")),
    "exposure": Term(_("Exposure"), _("Everything that the borrower and its group owe or may still draw, together. Limits count all of it, not this loan alone.")),
    "current_ratio": Term(_("Current ratio"), _("What turns into money within a year, divided by what must be paid within a year.")),
    "knock_out": Term(_("Knock-out"), _("A rule of the policy that ends an application at once, whatever else speaks for it.")),
    "policy": Term(_("Credit policy"), _("Limits, and who may approve how much. Each case keeps the version that it began with; a new one never changes what was signed.")),
    "waiver": Term(_("Waiver"), _("A rule or condition let go for one case, by those of the case's level, signed and with a reason.")),
    "memo": Term(_("Decision memo"), _("Everything that a decision rests on, frozen at one moment. What is signed is this memo and nothing else.")),
    "fingerprint": Term(_("Fingerprint"), _("A short number reckoned from the whole content. If one character changed, the number would be another; so two people can compare that they mean the same.")),
    "void": Term(_("Void"), _("No longer counting. Signatures become void when something changes that they spoke of; who gave them is told what.")),
    "authority": Term(_("Authority"), _("Up to which amount and for which grades a level may approve. Larger or riskier loans need more or higher signatures.")),
    "four_eyes": Term(_("Four eyes"), _("Two people for one step: one does, another checks. Neither alone can bring it about.")),
    "duties": Term(_("Separation of duties"), _("Who prepares a case does not review it, who reviews does not approve, who approves does not pay. It counts for the person, whatever accounts and roles they hold.")),
    "maker_checker": Term(_("Maker and checker"), _("One enters a payment or a posting, another releases it. The system refuses the same person for both.")),
    "step_up": Term(_("Step-up"), _("Proving anew that it is you, by a code at most five minutes old, before something that weighs: signing, paying, opening data.")),
    "factor": Term(_("Second factor"), _("Something besides the password that only you have: the code of your authenticator, or of your mail in the portal.")),
    "masked": Term(_("Masked"), _("Shown with dots because it is personal. Who needs it in clear says why; the look is recorded with name and purpose.")),
    "conditions_precedent": Term(_("Conditions precedent"), _("What must be in place before money is paid: one person brings the evidence, another accepts it.")),
    "covenant": Term(_("Covenant"), _("A promise that holds while the loan runs, such as sending yearly accounts. Its day is followed after payout.")),
    "facility": Term(_("Facility"), _("What the bank agrees to lend: amount, term and rate. It is used by one drawdown or several.")),
    "drawdown": Term(_("Drawdown"), _("Taking money out of a facility. All drawdowns together never exceed what was approved, and only within its time.")),
    "revolving": Term(_("Revolving limit"), _("A limit that may be drawn, paid back and drawn again while it runs.")),
    "entrusted": Term(_("Entrusted payment"), _("The money goes straight to the supplier on the invoice instead of to the borrower, so that it is used for what it was lent for.")),
    "collateral": Term(_("Collateral"), _("Something of value that stands for the loan: it may be sold if the loan is not paid back. Its title, liens, value and insurance are checked.")),
    "valuation": Term(_("Valuation"), _("What an asset is worth on a day, by a named method. It grows old: after a time that its kind sets, a new one is needed.")),
    "haircut": Term(_("Haircut"), _("The share of a value that is not lent against, because a sale in need brings less.")),
    "lien": Term(_("Lien"), _("Somebody's right in an asset, entered in a register. The rank says who is paid first.")),
    "guarantor": Term(_("Guarantor"), _("A person who pays if the borrower does not. Their own credit is looked at too.")),
    "beneficial_owner": Term(_("Beneficial owner"), _("The human being who in the end owns or controls a business, through however many companies.")),
    "signer": Term(_("Signer"), _("A person who may bind the business by their signature: by law, by its articles, by a resolution or by a power of attorney.")),
    "group": Term(_("Related group"), _("Businesses that stand or fall together. Limits, duties and freezes count over all of them.")),
    "bureau": Term(_("Credit bureau"), _("A register of loans and how they were repaid. It is asked only with consent, and its report grows old.")),
    "declaration": Term(_("Declaration"), _("A signer's word that the application is complete and true as it stands. A change of it asks for a new one.")),
    "consent": Term(_("Consent"), _("Leave to use personal data for one purpose. Each stands alone, and can be taken back.")),
    "legal_clock": Term(_("Legal term"), _("Days that the law gives for an answer. It never pauses, not even while the borrower is asked.")),
    "service_time": Term(_("Service time"), _("Working hours that the bank gives a stage. It pauses while the borrower is asked.")),
    "freeze": Term(_("Freeze"), _("Nothing moves any more until another person lifts it. It is a flag: the state stays as it was.")),
    "urgent": Term(_("Urgent lane"), _("A lead lets a case go first, with a reason. Every check stays as it is.")),
    "instalment": Term(_("Instalment"), _("What is due on one day: a part of the principal, and the interest since the last day.")),
    "equal_instalment": Term(_("Equal instalment"), _("The same sum each month: first more interest, later more principal.")),
    "equal_principal": Term(_("Equal principal"), _("The same part of the principal each month; the interest, and so the sum, shrinks.")),
    "principal": Term(_("Principal"), _("The money lent itself, without interest.")),
    "day_count": Term(_("Day count"), _("How days become a share of a year when interest is reckoned, such as the real days over 360.")),
    "past_due": Term(_("Past due"), _("Days since the oldest instalment that should have been paid and was not.")),
    "settlement": Term(_("Settlement"), _("Paying everything back before its time; interest runs only to that day.")),
    "sealed": Term(_("Sealed"), _("Bound into the log so that a later change would show. What is sealed can be proved years later, without this program.")),
}
# fmt: on
"""By code, as templates name them."""
