"""Opening and changing drafts: who may, what is refused, what stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.access.roles import Role
from apps.applications import services
from apps.applications.models import Application
from apps.applications.services import Part, Words
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower, Interest, Party
from apps.borrowers.services import access_give, borrower_freeze, borrower_update, party_update
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, Stale
from apps.workflow.models import DutyDone, Facility, LoanCase
from apps.workflow.services import FacilityAsk
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("intake", "new"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def draft(world: World, db: None) -> LoanCase:
    return world.case("new")


def log() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


# -- opening


def test_officer_opens_a_draft_for_a_new_business(draft: LoanCase, officer: Actor) -> None:
    application = Application.objects.get(case=draft)
    assert (draft.state, draft.holder_id, draft.amount_asked) == ("draft", officer.person_id, 800_000)
    assert application.purpose.reveal() == f.WORDS.purpose
    assert log()[-3:] == ["borrowers.created", "workflow.created", "applications.edited"]


def test_words_of_the_borrower_stay_out_of_the_log(officer: Actor) -> None:
    f.draft(officer, words=Words(purpose="canary flour", repayment_source="canary receivables"))
    assert not [body for body in AuditEvent.objects.values_list("body", flat=True) if "canary" in body]


def test_known_business_gets_a_further_case(officer: Actor) -> None:
    borrower = b.borrower(officer)
    first, second = (f.draft(officer, borrower=borrower) for _each in range(2))
    assert first.borrower_id == second.borrower_id == borrower.pk


def test_import_opens_drafts_that_list_what_is_missing(officer: Actor) -> None:
    people.branch()
    actor = Actor.system("imports", channel="test")
    case = services.application_create(
        actor=actor, product=f.product(), facilities=[FacilityAsk(Decimal(1000), 12)], branch=people.branch(),
        business=b.business(identifier="", identifier_kind=""), source="sba7a", source_id="17",
    )  # fmt: skip
    assert case.missing == ["application_complete", "consents_given", "declaration_signed"]
    assert (case.source_id, case.holder) == ("17", None)


def test_borrower_opens_a_draft_in_the_portal(officer: Actor) -> None:
    borrower, account = b.borrower(officer), people.borrower_account()
    access_give(actor=officer, borrower=borrower, account=account)
    case = f.draft(people.actor_for(account), borrower=borrower)
    assert not DutyDone.objects.filter(case=case).exists()


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (FacilityAsk(Decimal(0), 12), "amount"),
        (FacilityAsk(Decimal(-5), 12), "amount"),
        (FacilityAsk(Decimal("0.001"), 12), "amount"),
        (FacilityAsk(Decimal(10) ** 15, 12), "amount"),
        (FacilityAsk(Decimal(1000), 0), "term_months"),
        (FacilityAsk(Decimal(1000), 601), "term_months"),
    ],
)
def test_impossible_request_opens_nothing(ask: FacilityAsk, field: str, officer: Actor) -> None:
    before = Borrower.objects.count()
    with pytest.raises(BadInput) as refused:
        services.application_create(
            actor=officer, product=f.product(), facilities=[ask], branch=people.branch(), business=b.business()
        )
    assert set(refused.value.errors) == {field}
    assert Borrower.objects.count() == before


def test_request_without_facility_or_business_opens_nothing(officer: Actor) -> None:
    with pytest.raises(BadInput):
        services.application_create(actor=officer, product=f.product(), facilities=[], borrower=b.borrower(officer))
    with pytest.raises(BadInput):
        services.application_create(actor=officer, product=f.product(), facilities=[FacilityAsk(Decimal(1), 1)])


def test_withdrawn_product_opens_nothing(officer: Actor) -> None:
    product = f.product()
    product.is_active = False
    with pytest.raises(BadInput):
        f.draft(officer, product_=product)


def test_frozen_business_gets_no_case(officer: Actor) -> None:
    borrower = b.borrower(officer)
    f.reason("suspicion", "freeze")
    borrower_freeze(actor=b.actor_of(Role.COMPLIANCE_OFFICER), borrower=borrower, reason=Purpose("suspicion"))
    with pytest.raises(Refused) as refused:
        f.draft(officer, borrower=Borrower.objects.get(pk=borrower.pk))
    assert refused.value.guard == "frozen"


def test_business_of_another_branch_gets_no_case(officer: Actor) -> None:
    foreign = b.borrower(branch=people.branch("B2"))
    with pytest.raises(NotVisible):
        f.draft(officer, borrower=foreign)


@pytest.mark.parametrize("role", [Role.CREDIT_ANALYST, Role.APPROVER_1, Role.PAYMENT_MAKER, Role.AUDITOR])
def test_only_officers_open_drafts(role: str) -> None:
    with pytest.raises(Refused):
        f.draft(b.actor_of(role))


# -- words and facilities


def revision(case: LoanCase) -> int:
    return Application.objects.get(case=case).revision


def test_saving_words_counts_a_revision_and_a_version(officer: Actor, draft: LoanCase) -> None:
    before = revision(draft)
    saved = services.application_save(actor=officer, case=draft, version=draft.version, words=Words(purpose="Ovens"))
    assert (revision(draft), saved.version) == (before + 1, draft.version + 1)
    assert Application.objects.get(case=draft).purpose.reveal() == "Ovens"


def test_stale_words_are_not_written(officer: Actor, draft: LoanCase) -> None:
    services.application_save(actor=officer, case=draft, version=draft.version, words=Words(purpose="First"))
    with pytest.raises(Stale):
        services.application_save(actor=officer, case=draft, version=draft.version, words=Words(purpose="Second"))
    assert Application.objects.get(case=draft).purpose.reveal() == "First"


@pytest.mark.parametrize("field", ["purpose", "repayment_source", "narrative"])
def test_words_have_a_limit(field: str, officer: Actor, draft: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        services.application_save(actor=officer, case=draft, version=None, words=Words(**{field: "x" * 4001}))
    assert set(refused.value.errors) == {field}


def test_further_facility_adds_to_what_is_asked(officer: Actor, draft: LoanCase) -> None:
    services.facility_save(actor=officer, case=draft, version=draft.version, ask=FacilityAsk(Decimal(200_000), 12))
    case = f.again(draft)
    assert case.amount_asked == 1_000_000
    assert list(case.facilities.order_by("position").values_list("position", flat=True)) == [1, 2]


def test_facility_is_changed_in_its_place(officer: Actor, draft: LoanCase) -> None:
    services.facility_save(
        actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(5), 6, kind="revolving"), position=1
    )
    facility = Facility.objects.get(case=draft)
    assert (facility.amount, facility.term_months, facility.kind, f.again(draft).amount_asked) == (5, 6, "revolving", 5)


def test_facility_that_is_not_there_is_not_changed(officer: Actor, draft: LoanCase) -> None:
    with pytest.raises(BadInput):
        services.facility_save(actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(5), 6), position=9)


def test_case_has_a_dozen_facilities_at_most(officer: Actor, draft: LoanCase) -> None:
    for _each in range(11):
        services.facility_save(actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(1), 1))
    with pytest.raises(BadInput):
        services.facility_save(actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(1), 1))


def test_facility_replaces_only_one_of_the_same_borrower(officer: Actor, draft: LoanCase) -> None:
    foreign = Facility.objects.get(case=f.draft(officer))
    own = Facility.objects.get(case=f.draft(officer, borrower=draft.borrower))
    ask = FacilityAsk(Decimal(1), 1, kind="renewal", replaces=foreign)
    with pytest.raises(BadInput):
        services.facility_save(actor=officer, case=draft, version=None, ask=ask)
    services.facility_save(
        actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(1), 1, kind="renewal", replaces=own)
    )
    assert Facility.objects.get(case=draft, position=2).replaces == own


def test_last_facility_stays(officer: Actor, draft: LoanCase) -> None:
    services.facility_save(actor=officer, case=draft, version=None, ask=FacilityAsk(Decimal(7), 1))
    services.facility_remove(actor=officer, case=draft, version=None, position=1)
    assert f.again(draft).amount_asked == 7
    with pytest.raises(BadInput):
        services.facility_remove(actor=officer, case=draft, version=None, position=2)


# -- business and people


def test_business_is_changed_from_within_the_draft(officer: Actor, draft: LoanCase) -> None:
    before = revision(draft)
    services.business_save(actor=officer, case=draft, version=draft.version, changes={"industry": "Mill"})
    assert Borrower.objects.get(pk=draft.borrower_id).industry == "Mill"
    assert revision(draft) == before + 1


def test_unchanged_business_counts_no_revision(officer: Actor, draft: LoanCase) -> None:
    before = revision(draft)
    services.business_save(actor=officer, case=draft, version=None, changes={"industry": draft.borrower.industry})
    assert revision(draft) == before


def test_person_is_entered_with_all_parts_or_not_at_all(officer: Actor, draft: LoanCase) -> None:
    parts = [Part(kind="owner", share=Decimal(80)), Part(kind="signer", authority="law")]
    services.person_add(actor=officer, case=draft, version=draft.version, data=b.person(), parts=parts)
    assert Interest.objects.filter(borrower_id=draft.borrower_id).count() == 2
    with pytest.raises(BadInput):
        services.person_add(
            actor=officer,
            case=draft,
            version=None,
            data=b.person(),
            parts=[Part(kind="signer", authority="law"), Part(kind="owner")],
        )
    assert Party.objects.filter(borrower_id=draft.borrower_id).count() == 1


def test_person_and_parts_are_changed_from_within_the_draft(officer: Actor, draft: LoanCase) -> None:
    party = services.person_add(actor=officer, case=draft, version=None, data=b.person())
    services.person_save(actor=officer, case=draft, version=None, party=party, changes={"name": "Li Lei"})
    interest = services.part_add(
        actor=officer, case=draft, version=None, party=party, part=Part(kind="legal_representative")
    )
    services.part_end(actor=officer, case=draft, version=None, interest=interest)
    assert Party.objects.get(pk=party.pk).name.reveal() == "Li Lei"
    assert Interest.objects.get(pk=interest.pk).ended_on is not None
    with pytest.raises(NotVisible):
        services.part_end(actor=officer, case=draft, version=None, interest=interest)


def test_person_of_another_business_is_not_there(officer: Actor, draft: LoanCase) -> None:
    foreign = b.party(officer, b.borrower(officer))
    with pytest.raises(NotVisible):
        services.person_save(actor=officer, case=draft, version=None, party=foreign, changes={"name": "X"})
    with pytest.raises(NotVisible):
        services.part_add(
            actor=officer, case=draft, version=None, party=foreign, part=Part(kind="legal_representative")
        )


CHANGES: dict[str, Any] = {
    "words": lambda actor, case: services.application_save(actor=actor, case=case, version=None, words=Words()),
    "facility": lambda actor, case: services.facility_save(
        actor=actor, case=case, version=None, ask=FacilityAsk(Decimal(1), 1)
    ),
    "removal": lambda actor, case: services.facility_remove(actor=actor, case=case, version=None, position=1),
    "business": lambda actor, case: services.business_save(
        actor=actor, case=case, version=None, changes={"industry": "x"}
    ),
    "person": lambda actor, case: services.person_add(actor=actor, case=case, version=None, data=b.person()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_submitted_application_is_not_changed_but_corrected(change: str, officer: Actor, world: World) -> None:
    case = world.case("intake")
    with pytest.raises(Refused) as refused:
        CHANGES[change](officer, case)
    assert refused.value.guard == "state"
    assert "correct it instead" in str(refused.value)


@pytest.mark.parametrize("change", CHANGES)
def test_frozen_case_is_not_changed(change: str, officer: Actor, draft: LoanCase) -> None:
    f.reason("suspicion", "freeze")
    borrower_freeze(actor=b.actor_of(Role.COMPLIANCE_OFFICER), borrower=draft.borrower, reason=Purpose("suspicion"))
    with pytest.raises(Refused) as refused:
        CHANGES[change](officer, draft)
    assert refused.value.guard == "frozen"


@pytest.mark.parametrize("change", CHANGES)
def test_strangers_change_nothing(change: str, draft: LoanCase) -> None:
    with pytest.raises(NotVisible):
        CHANGES[change](b.officer(people.branch("B2")), draft)
    with pytest.raises(Refused):
        CHANGES[change](b.actor_of(Role.CREDIT_ANALYST), draft)


def test_who_works_on_a_draft_has_prepared_it(draft: LoanCase) -> None:
    colleague = b.officer()
    services.application_save(actor=colleague, case=draft, version=None, words=Words(purpose="x"))
    assert DutyDone.objects.filter(case=draft, person_id=colleague.person_id, duty="prepares").count() == 1


# -- what rests on a business


def test_change_on_the_borrowers_page_reaches_its_drafts(officer: Actor, draft: LoanCase) -> None:
    before, version = revision(draft), f.again(draft).version
    borrower_update(actor=officer, borrower=draft.borrower, changes={"industry": "Mill"})
    assert (revision(draft), f.again(draft).version) == (before + 1, version + 1)


def test_change_on_the_borrowers_page_waits_while_a_case_is_under_review(officer: Actor, world: World) -> None:
    case = world.case("intake")
    party = f.signer_of(case)
    with pytest.raises(Refused) as refused:
        borrower_update(actor=officer, borrower=case.borrower, changes={"industry": "Mill"})
    assert case.number in str(refused.value)
    with pytest.raises(Refused):
        party_update(actor=officer, party=party, changes={"name": "X"})


def test_second_draft_does_not_change_what_the_first_case_rests_on(officer: Actor, world: World) -> None:
    case = world.case("intake")
    second = f.draft(officer, borrower=case.borrower)
    with pytest.raises(Refused) as refused:
        services.business_save(actor=officer, case=second, version=None, changes={"industry": "Mill"})
    assert refused.value.guard == "under_review"
