"""The contract: drawn up, signed by each party before two witnesses, concluded, voided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.approval.selectors import memo_live
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import BorrowerGroup, Interest
from apps.core import clock
from apps.core.errors import BadInput, NotVisible, Refused, Stale
from apps.disbursement.handoff import void_contract
from apps.disbursement.models import Contract
from apps.disbursement.papers import contract_data
from apps.disbursement.selectors import contract_live, signing_open
from apps.disbursement.services.contracts import contract_conclude, contract_make
from apps.disbursement.services.reading import contract_open, paper_open
from apps.disbursement.services.signing import party_signed, signature_confirm
from apps.vault.files import open_stream
from apps.workflow import registry
from apps.workflow.models import Notice
from apps.workflow.services import advance
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications.factories import reason
from tests.approval.factories import approver
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.contracting)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def drawn(world: World) -> Contract:
    """The contract, just drawn up."""
    return contract_make(actor=world.actor("officer"), case=world.case, version=world.case.version)


def sign(world: World, contract: Contract, **given: Any) -> Any:
    """Record the first missing signature."""
    facts: dict[str, Any] = {
        "line": signing_open(contract).first(), "signed_on": clock.today(), "paper": factories.scan(),
        "second_witness_id": world.accounts["maker"].person_id, "version": world.case.version, "actor": world.actor("officer"),
    }  # fmt: skip
    return party_signed(case=world.case, **{**facts, **given})


def confirm(world: World, line: Any, **given: Any) -> Any:
    """The second witness's own act."""
    facts: dict[str, Any] = {"actor": world.actor("maker"), "version": world.case.version}
    return signature_confirm(case=world.case, line=line, **{**facts, **given})


def frozen(world: World, which: str) -> None:
    """Freeze the case, its borrower or a group that the borrower is put into."""
    case = world.case
    with act(actor=people.SETUP):
        row: Any = {"case": case, "borrower": case.borrower}.get(which)
        if row is None:
            row = case.borrower.group = BorrowerGroup.objects.create(name="Group", frozen=True)
            case.borrower.save()
        setattr(row, "is_frozen" if which == "case" else "frozen", True)
        row.save()
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)


def test_a_contract_is_made_of_the_memo_that_stands_in_two_languages(world: World):
    contract = drawn(world)
    memo = memo_live(world.case)
    assert memo is not None
    assert contract.memo_digest == memo.digest
    for file in (contract.file_en, contract.file_zh):
        assert b"".join(open_stream(file)).startswith(b"%PDF")
    assert contract.file_en.sha256 != contract.file_zh.sha256
    assert AuditEvent.objects.order_by("-id")[0].action == "disbursement.contract_drawn_up"


def test_it_names_amount_term_rate_and_every_instalment(world: World):
    data = contract_data(world.case, "en")
    facility, terms = world.case.facilities.get(), data["facilities"][0]
    pairs = dict(terms["pairs"])
    assert pairs["Amount"].startswith(f"{facility.currency} {facility.approved_amount:,.0f}")
    assert f"{facility.approved_term} months" in pairs["Term"]
    assert len(terms["rows"]) == facility.approved_term
    assert contract_data(world.case, "zh-hans")["reference"] == world.case.number


def test_whoever_represents_the_borrower_is_on_the_signing_list_once(world: World):
    lines = list(drawn(world).parties.all())
    assert [line.role for line in lines] == ["borrower"]
    assert lines[0].signed_on is None


def test_a_guarantor_whose_credit_nobody_has_seen_stops_the_contract(world: World):
    actor = world.actor("officer")
    person = borrowers.party(actor, world.case.borrower)
    interest = borrowers.interest_add(actor=actor, party=person, kind="guarantor")
    with pytest.raises(Refused, match="never reviewed") as refused:
        drawn(world)
    assert refused.value.guard == "guarantors_reviewed"
    assert person.name.masked in str(refused.value.reasons[0])
    assert not Contract.objects.filter(case=world.case).exists()
    with act(actor=people.SETUP):
        interest.ended_on = clock.today()
        interest.save(update_fields=["ended_on"])
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    assert {line.role for line in drawn(world).parties.all()} == {"borrower"}


@pytest.mark.parametrize("which", ["case", "borrower", "group"])
def test_nothing_of_a_contract_goes_on_while_frozen(world: World, which: str):
    contract = drawn(world)
    line = sign(world, contract)
    frozen(world, which)
    for attempt in (
        lambda: drawn(world),
        lambda: sign(world, contract, line=line),
        lambda: confirm(world, line),
        lambda: contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "frozen"
    assert AuditEvent.objects.order_by("-id")[0].outcome == "refused"


def test_a_signature_counts_when_the_second_witness_has_confirmed_it(world: World):
    contract = drawn(world)
    line = sign(world, contract)
    assert Notice.objects.filter(person=world.accounts["maker"].person, kind="witness_asked").count() == 1
    with pytest.raises(Refused, match="wait for the second witness") as refused:
        contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version)
    assert refused.value.guard == "parties_signed"
    confirm(world, line)
    assert AuditEvent.objects.order_by("-id")[0].action == "disbursement.contract_witnessed"
    assert (
        contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version).state == "conditions"
    )


@pytest.mark.parametrize("who", ["officer", "lead", "checker", "reviewer", "keeper"])
def test_only_the_second_witness_confirms(world: World, who: str):
    line = sign(world, drawn(world))
    with pytest.raises(Refused) as refused:
        confirm(world, line, actor=world.actor(who))
    assert refused.value.guard == "second_witness"


def test_what_is_not_signed_or_confirmed_already_is_not_confirmed(world: World):
    contract = drawn(world)
    with pytest.raises(Refused, match="no recorded signature"):
        confirm(world, signing_open(contract).first())
    line = sign(world, contract)
    confirm(world, line)
    with pytest.raises(Refused, match="no recorded signature"):
        confirm(world, line)
    with pytest.raises(Stale):
        confirm(world, line, version=world.case.version - 1)


def test_a_signature_of_a_voided_contract_is_not_confirmed(world: World):
    line = sign(world, drawn(world))
    drawn(world)
    with pytest.raises(Refused, match="no recorded signature"):
        confirm(world, line)


def test_the_pages_lead_the_second_witness_to_confirm(world: World):
    line = sign(world, drawn(world))
    place = reverse("disbursement:signature_confirm", args=[world.at.number, line.pk])
    for who, offered in (("maker", True), ("officer", False), ("lead", False)):
        client = Client()
        people.signed_in(client, world.accounts[who])
        for page in (reverse("disbursement:contract", args=[world.at.number]), world.at.get_absolute_url()):
            assert (place in client.get(page).content.decode()) == offered, (who, page)
    maker = Client()
    people.signed_in(maker, world.accounts["maker"])
    assert "confirm a signature as second witness" in maker.get(reverse("console:notices")).content.decode()
    assert maker.get(place).status_code == 200
    assert maker.post(place, {"version": world.case.version}).status_code == 302
    assert maker.post(place, {"version": world.case.version}).status_code == 403
    line.refresh_from_db()
    assert line.witnessed_at is not None


@pytest.mark.parametrize(
    ("state", "event", "words"),
    [("withdrawn", "withdraw_recorded", {"reasons": ["no-need"], "text": "Changed plans."})],
)
def test_a_case_that_ends_voids_its_contract_on_record(world: World, state: str, event: str, words: dict[str, Any]):
    contract = drawn(world)
    reason("no-need", "withdraw")
    with act(actor=world.actor("lead")):
        case = advance(world.case, event, actor=world.actor("lead"), version=world.case.version, **words)
    contract.refresh_from_db()
    assert (case.state, contract.voided_at is not None) == (state, True)
    assert AuditEvent.objects.filter(action="disbursement.contract_voided").exists()


@pytest.mark.parametrize("state", [State.DECLINED, State.EXPIRED, State.WITHDRAWN, State.APPROVAL])
def test_every_end_without_money_has_the_handoff(world: World, state: str):
    assert void_contract in registry.handoffs[state]


def test_a_new_contract_voids_the_one_before(world: World):
    first, second = drawn(world), drawn(world)
    first.refresh_from_db()
    assert first.voided_at is not None
    assert (second.number, contract_live(world.case)) == (2, second)


def test_signatures_of_a_voided_contract_are_not_taken(world: World):
    line = signing_open(drawn(world)).first()
    drawn(world)
    with pytest.raises(Refused, match="voided"):
        sign(world, drawn(world), line=line)


@pytest.mark.parametrize("who", ["lead", "maker", "checker", "reviewer", "keeper", "auditor"])
def test_only_the_officer_draws_up_and_takes_signatures(world: World, who: str):
    with pytest.raises(Refused):
        contract_make(actor=world.actor(who), case=world.case, version=world.case.version)
    with pytest.raises(Refused):
        sign(world, drawn(world), actor=world.actor(who))


def test_a_stale_page_draws_up_nothing(world: World):
    with pytest.raises(Stale):
        contract_make(actor=world.actor("officer"), case=world.case, version=world.case.version - 1)
    assert not Contract.objects.filter(case=world.case).exists()


def test_a_signature_keeps_its_page_and_both_witnesses(world: World):
    line = sign(world, drawn(world))
    assert (line.witness_one_id, line.witness_two_id) == (
        world.accounts["officer"].person_id,
        world.accounts["maker"].person_id,
    )
    assert line.paper.sha256
    with pytest.raises(Refused, match="recorded already"):
        sign(world, line.contract, line=line)


@pytest.mark.parametrize("days", [-1, 1])
def test_the_day_of_signing_lies_between_drawing_up_and_today(world: World, days: int):
    with pytest.raises(BadInput) as wrong:
        sign(world, drawn(world), signed_on=clock.today() + dt.timedelta(days=days))
    assert set(wrong.value.errors) == {"signed_on"}


def test_a_contract_sealed_past_midnight_is_signed_on_the_institutions_day(world: World):
    with clock.at((clock.now() + dt.timedelta(days=1)).replace(hour=17, minute=30)):  # past midnight in China
        contract = drawn(world)
        with pytest.raises(BadInput):
            sign(world, contract, signed_on=clock.today("UTC"))
        sign(world, contract, signed_on=clock.today("Asia/Shanghai"))
    assert not signing_open(contract).exists()


def test_the_second_witness_is_another_colleague_of_the_branch(world: World):
    contract = drawn(world)
    outside = borrowers.account_of("loan_officer", borrowers.people.branch("FAR"))
    for wrong in (world.accounts["officer"].person_id, 0, 10**9, outside.person_id):
        with pytest.raises(BadInput) as refused:
            sign(world, contract, second_witness_id=wrong)
        assert set(refused.value.errors) == {"second_witness"}


def test_the_bank_concludes_when_everybody_has_signed(world: World):
    contract = drawn(world)
    confirm(world, sign(world, contract))
    case = contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version)
    contract.refresh_from_db()
    assert case.state == "conditions"
    assert contract.concluded_at is not None


def test_nothing_is_concluded_while_a_signature_is_missing(world: World):
    contract = drawn(world)
    with pytest.raises(Refused) as refused:
        contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version)
    assert refused.value.guard == "parties_signed"
    contract.refresh_from_db()
    assert contract.concluded_at is None


def test_nothing_is_concluded_without_a_contract(world: World):
    with pytest.raises(Refused) as refused:
        contract_conclude(actor=world.actor("lead"), case=world.case, version=world.case.version)
    assert refused.value.guard == "contract_sealed"


def test_the_officer_does_not_conclude(world: World):
    confirm(world, sign(world, drawn(world)))
    with pytest.raises(Refused, match="role"):
        contract_conclude(actor=world.actor("officer"), case=world.case, version=world.case.version)


@pytest.mark.parametrize("event", ["amend", "revoke"])
def test_going_back_to_approval_voids_the_contract(world: World, event: str):
    contract = drawn(world)
    moved_back(world, event)
    contract.refresh_from_db()
    assert contract.voided_at is not None
    assert contract_live(world.case) is None


def moved_back(world: World, event: str) -> None:
    """An approver takes the case back."""
    actor = approver("approver_3", world.at.branch)
    with act(actor=actor):
        advance(world.case, event, actor=actor, version=world.case.version, text="The purpose has changed.")


def test_opening_the_contract_is_recorded_first(world: World):
    drawn(world)
    stream = contract_open(actor=world.actor("auditor"), case=world.case, language="zh")
    assert stream.read(4) == b"%PDF"
    assert AuditEvent.objects.order_by("-id")[0].action == "disbursement.contract_opened"


def test_there_is_nothing_to_open_before_it_is_drawn_up(world: World):
    with pytest.raises(NotVisible):
        contract_open(actor=world.actor("auditor"), case=world.case, language="en")


def test_the_signed_page_can_be_opened_and_a_missing_one_cannot(world: World):
    line = sign(world, drawn(world))
    stream, file = paper_open(actor=world.actor("lead"), case=world.case, row=line)
    assert (stream.read(4), file.content_type) == (b"%PDF", "application/pdf")
    assert AuditEvent.objects.order_by("-id")[0].action == "disbursement.payment_file_opened"
    line.paper = None
    with pytest.raises(NotVisible):
        paper_open(actor=world.actor("lead"), case=world.case, row=line)


def test_a_borrower_for_whom_nobody_may_sign_gets_no_contract(world: World):
    with act(actor=people.SETUP):
        for interest in Interest.objects.filter(
            party__borrower=world.case.borrower, kind__in=["legal_representative", "signer"]
        ):
            interest.ended_on = clock.today()
            interest.save(update_fields=["ended_on"])
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    with pytest.raises(BadInput, match="Nobody may sign"):
        drawn(world)
