"""Guards that intake answers for; each returns sentences on what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications import facts, rules
from apps.applications.policy import POLICY
from apps.applications.ports import Ports, VisitFree
from apps.applications.rules.completeness import SIGNER
from apps.applications.rules.promises import speakers_of
from apps.borrowers.duplicates import duplicates_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.memory import remembered
from apps.workflow.models import LoanCase
from apps.workflow.registry import guard

Given = Mapping[str, Any]


@guard("application_complete", _("The application is complete"))
def application_complete(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """Business, people, signer, facilities and words are there."""
    borrower = case.borrower
    return rules.missing_in_application(
        facts.business_facts(borrower), facts.people_facts(borrower), facts.facility_facts(case),
        facts.word_facts(facts.application_of(case)), clock.today(),
    )  # fmt: skip


@guard("consents_given", _("All consents are given"))
def consents_given(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """Each kind of consent stands on its own."""
    speakers = speakers_of(facts.parts_of(case.borrower))
    return rules.consents_missing(facts.consent_kinds(), facts.consent_facts(case), speakers)


@guard("declaration_signed", _("The declaration is signed"))
def declaration_signed(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """A signer has declared the application as it stands."""
    application = facts.application_of(case)
    signers = speakers_of(facts.parts_of(case.borrower), {SIGNER})
    return rules.declaration_missing(facts.declaration_facts(case), application.revision if application else 0, signers)


@guard("checklist_complete", _("The documents are complete"))
def checklist_complete(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """Every required document is there and accepted."""
    return rules.checklist_missing(facts.required_documents(case), facts.document_facts(case))


@guard("identity_checked", _("Identities are checked"))
def identity_checked(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """Who owns, represents and signs has been checked by a named method."""
    return rules.identity_missing(facts.people_facts(case.borrower), facts.check_facts(case))


@guard("applicants_confirmed", _("Who applied by themselves is confirmed"))
def applicants_confirmed(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """An account that somebody opened by themselves counts as theirs once the bank has made sure of it."""
    return rules.applicants_missing(
        access.party.name.masked for access in facts.open_claims(case.borrower) if access.party
    )


@guard("duplicates_settled", _("Duplicates are settled"))
def duplicates_settled(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """What is shared with other borrowers as of now has been explained."""
    found = [(each.kind, each.other_id) for each in duplicates_of(case.borrower)]
    return rules.duplicates_missing(found, facts.settled_duplicates(case))


@remembered
def knock_outs_of(case: LoanCase) -> list[rules.KnockOut]:
    """Policy knock-outs that apply to a case."""
    borrower = case.borrower
    return rules.knock_outs(
        borrower.founded_on, borrower.industry, facts.facility_facts(case), facts.lending_range(case), POLICY,
        clock.today(),
    )  # fmt: skip


@guard("knock_out_found", _("A policy knock-out applies"))
def knock_out_found(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """An officer declines on nothing but a knock-out that the rules find; the reasons given are among them."""
    found = {each.code for each in knock_outs_of(case)}
    if not found:
        return [_("No policy knock-out applies to this case. Only the credit analyst can decline it.")]
    if not set(given.get("reasons") or ()) <= found:
        return [_("Give only reasons that apply to this case.")]
    return []


@guard("borrower_reconfirmed", _("The borrower has confirmed the correction"), standing=False)
def borrower_reconfirmed(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """A signer stands behind what was corrected."""
    signers = speakers_of(facts.parts_of(case.borrower), {SIGNER})
    return rules.reconfirmation_missing(
        given.get("confirmed_by"), facts.text_of(given, "confirmed_how"), bool(given.get("confirmed_document")),
        given.get("confirmed_on"), signers, clock.today(),
    )  # fmt: skip


@guard("consent_fresh", _("Consents were given anew"))
def consent_fresh(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """A case is reopened with consents entered since it ended."""
    speakers = speakers_of(facts.parts_of(case.borrower))
    return rules.fresh_consents_missing(facts.consent_kinds(), facts.consent_facts(case), speakers, case.decided_at)


@guard("visit_fresh", _("The visit report is fresh"))
def visit_fresh(case: LoanCase, actor: Actor, given: Given) -> list[Any]:
    """Two people have seen the business lately, or policy asks for no visit."""
    lines = rules.visit_missing(facts.visit_facts(case), clock.now(), POLICY)
    return [] if lines and visit_waived(case) is not None else lines


@remembered
def visit_waived(case: LoanCase) -> VisitFree | None:
    """The line of the credit policy by which a case goes without a fresh visit; ``None`` where there is one, or must be."""
    if not rules.visit_missing(facts.visit_facts(case), clock.now(), POLICY):
        return None
    free = Ports.visit_free(case)
    return free if free is not None and case.amount_asked <= free.up_to else None
