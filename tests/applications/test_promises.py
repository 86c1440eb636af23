"""Consents and the declaration: one row each, by who speaks for the business, on a paper that is there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from apps.access.roles import Role
from apps.applications import services
from apps.applications.facts import consent_kinds
from apps.applications.models import Consent, Declaration
from apps.applications.services import Words
from apps.audit.models import AuditEvent
from apps.borrowers.services import access_give, interest_add
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("peopled"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    """A draft with its people, nothing consented to."""
    return world.case("peopled")


@pytest.fixture
def ready(officer: Actor, case: LoanCase) -> LoanCase:
    """The draft with all consents and the declaration."""
    return f.promised(officer, case, f.signer_of(case))


@pytest.fixture
def sent(officer: Actor, ready: LoanCase) -> LoanCase:
    """The case in intake."""
    services.application_submit(actor=officer, case=ready, version=ready.version)
    return f.again(ready)


def consent(actor: Actor, case: LoanCase, kind: str = "bureau", **given: object) -> Consent:
    paper = given.pop("document", None) or f.document(actor, case, "consent")
    facts = {"party": f.signer_of(case), "given_on": clock.today(), "document": paper, **given}
    return services.consent_give(actor=actor, case=case, kind=kind, **facts)  # type: ignore[arg-type]


def test_each_consent_is_a_row_and_an_event(officer: Actor, case: LoanCase) -> None:
    paper = f.document(officer, case, "consent")
    kinds = list(consent_kinds())
    services.consents_give(
        actor=officer, case=case, kinds=kinds, party=f.signer_of(case), given_on=clock.today(), document=paper
    )
    assert list(Consent.objects.order_by("id").values_list("kind", "how")) == [(kind, "paper") for kind in kinds]
    assert AuditEvent.objects.filter(action="applications.consent_given").count() == len(kinds)
    assert "consents_given" not in f.again(case).missing


def test_several_consents_are_entered_all_or_none(officer: Actor, case: LoanCase) -> None:
    paper = f.document(officer, case, "consent")
    with pytest.raises(BadInput):
        services.consents_give(
            actor=officer,
            case=case,
            kinds=["bureau", "marketing"],
            party=f.signer_of(case),
            given_on=clock.today(),
            document=paper,
        )
    assert not Consent.objects.exists()
    with pytest.raises(BadInput):
        services.consents_give(actor=officer, case=case, kinds=[], party=f.signer_of(case), given_on=clock.today())


@pytest.mark.parametrize("days", [-367, 1])
def test_consent_is_given_in_the_last_year(days: int, officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        consent(officer, case, given_on=clock.today() + dt.timedelta(days=days))
    assert set(refused.value.errors) == {"given_on"}


def test_consent_on_paper_needs_the_paper(officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        services.consent_give(actor=officer, case=case, kind="bureau", party=f.signer_of(case), given_on=clock.today())
    assert set(refused.value.errors) == {"document"}


def test_paper_of_another_case_is_not_there(officer: Actor, case: LoanCase) -> None:
    foreign = f.document(officer, f.draft(officer), "consent")
    with pytest.raises(NotVisible):
        consent(officer, case, document=foreign)


def test_mere_owner_does_not_speak_for_the_business(officer: Actor, case: LoanCase) -> None:
    owner = b.party(officer, case.borrower)
    with pytest.raises(BadInput) as refused:
        consent(officer, case, party=owner)
    assert set(refused.value.errors) == {"party"}


def test_consent_is_given_once(officer: Actor, case: LoanCase) -> None:
    consent(officer, case)
    with pytest.raises(BadInput):
        consent(officer, case)


def test_borrower_consents_in_the_portal_without_paper(officer: Actor, case: LoanCase) -> None:
    account = people.borrower_account()
    access_give(actor=officer, borrower=case.borrower, account=account, party=f.signer_of(case))
    given = services.consent_give(
        actor=people.actor_for(account), case=case, kind="bureau", party=f.signer_of(case), given_on=clock.today()
    )
    assert given.how == "portal"


def test_an_account_gives_no_word_of_another_person(officer: Actor, case: LoanCase) -> None:
    signer, other = f.signer_of(case), b.party(officer, case.borrower)
    interest_add(actor=officer, party=other, kind="signer", authority="law")
    account = people.borrower_account()
    access_give(actor=officer, borrower=case.borrower, account=account, party=other)
    actor = people.actor_for(account)
    with pytest.raises(BadInput):
        services.consent_give(actor=actor, case=case, kind="bureau", party=signer, given_on=clock.today())
    with pytest.raises(BadInput):
        services.declaration_sign(actor=actor, case=case, version=None, party=signer, signed_on=clock.today())
    case = f.again(case)
    paper = f.document(officer, case, "consent")
    facts = {"party": signer, "given_on": clock.today(), "document": paper}
    given = services.consent_give(actor=officer, case=case, kind="bureau", **facts)  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        services.consent_withdraw(actor=actor, case=case, version=f.again(case).version, consent=given)


def test_withdrawn_consent_of_a_draft_can_be_given_again(officer: Actor, case: LoanCase) -> None:
    first = consent(officer, case)
    services.consent_withdraw(actor=officer, case=case, version=f.again(case).version, consent=first)
    assert "consents_given" in f.again(case).missing
    with pytest.raises(Refused):
        services.consent_withdraw(actor=officer, case=case, version=f.again(case).version, consent=first)
    assert consent(officer, case).pk != first.pk


def test_case_ends_with_the_consent_it_rests_on(officer: Actor, sent: LoanCase) -> None:
    f.reason("changed_mind", "withdraw")
    given = Consent.objects.filter(case=sent).first()
    assert given is not None
    services.consent_withdraw(actor=officer, case=sent, version=sent.version, consent=given, reason="changed_mind")
    assert f.again(sent).state == "withdrawn"


def test_case_does_not_end_without_a_reason(officer: Actor, sent: LoanCase) -> None:
    given = Consent.objects.filter(case=sent).first()
    assert given is not None
    with pytest.raises(Refused) as refused:
        services.consent_withdraw(actor=officer, case=sent, version=sent.version, consent=given)
    assert refused.value.guard == "reason_given"
    assert Consent.objects.get(pk=given.pk).withdrawn_at is None


def test_declaration_speaks_of_one_revision(officer: Actor, ready: LoanCase) -> None:
    assert ready.missing == []
    services.application_save(
        actor=officer, case=ready, version=ready.version, words=Words(purpose="Else", repayment_source="x")
    )
    assert f.again(ready).missing == ["declaration_signed"]


def test_declaring_twice_is_one_declaration(officer: Actor, ready: LoanCase) -> None:
    services.declaration_sign(
        actor=officer, case=ready, version=None, party=f.signer_of(ready), signed_on=clock.today(),
        document=f.document(officer, ready, "declaration"),
    )  # fmt: skip
    assert Declaration.objects.filter(case=ready).count() == 1


def test_only_a_signer_declares(officer: Actor, case: LoanCase) -> None:
    representative = b.party(officer, case.borrower)
    interest_add(actor=officer, party=representative, kind="legal_representative")
    interest_add(actor=officer, party=representative, kind="guarantor")
    with pytest.raises(BadInput) as refused:
        services.declaration_sign(
            actor=officer, case=case, version=None, party=representative, signed_on=clock.today(),
            document=f.document(officer, case, "declaration"),
        )  # fmt: skip
    assert set(refused.value.errors) == {"party"}


def test_declaration_on_paper_needs_the_paper(officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput):
        services.declaration_sign(
            actor=officer, case=case, version=None, party=f.signer_of(case), signed_on=clock.today()
        )


def test_submitted_application_is_not_declared_again(officer: Actor, sent: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.declaration_sign(
            actor=officer, case=sent, version=None, party=f.signer_of(sent), signed_on=clock.today(),
            document=f.document(officer, sent, "declaration"),
        )  # fmt: skip
    assert refused.value.guard == "state"


def test_analyst_enters_no_consent(officer: Actor, case: LoanCase) -> None:
    paper = f.document(officer, case, "consent")
    with pytest.raises(Refused):
        consent(b.actor_of(Role.CREDIT_ANALYST), case, document=paper)


def test_signer_whose_part_has_ended_counts_no_more(officer: Actor, ready: LoanCase) -> None:
    interest = f.signer_of(ready).interests.get(kind="signer")
    services.part_end(actor=officer, case=ready, version=None, interest=interest)
    assert set(f.again(ready).missing) >= {"application_complete", "declaration_signed"}


def test_amount_is_kept_to_the_cent(officer: Actor) -> None:
    assert f.draft(officer, amount=Decimal("1234567.89")).amount_asked == Decimal("1234567.89")
