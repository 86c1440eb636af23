"""Preparing, releasing, taking back: each refusal, and that the total never passes what was approved."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.approval.models import DecisionMemo
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.borrowers.models import BankAccount, VerifiedHow
from apps.borrowers.services import bank_account_verify
from apps.core import clock
from apps.core.errors import BadInput, Refused, Stale, StepUpNeeded
from apps.disbursement import services
from apps.disbursement.handoff import void_contract
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.selectors import contract_live, room_of
from apps.disbursement.services.preparing import Draw
from apps.workflow import registry
from apps.workflow.models import DutyDone, Facility, FacilityState
from apps.workflow.services import advance
from tests.accounts import factories as people
from tests.applications.factories import reason
from tests.approval.factories import approver, stale
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
SOME = Decimal(100_000)


def facility(world: World) -> Facility:
    """The case's one facility."""
    return world.case.facilities.get()


def prepare(
    world: World,
    amount: Decimal | None = SOME,
    *,
    actor: Any = None,
    version: int | None = None,
    invoice: Any = None,
    **draw: Any,
) -> Drawdown:
    """A payment by the maker; ``None`` pays all that is approved."""
    one = facility(world)
    facts: dict[str, Any] = {
        "facility": one,
        "amount": one.approved_amount if amount is None else amount,
        "payee": world.payee,
        "purpose": "Flour",
    }
    return services.payment_prepare(
        actor=actor or world.actor("maker"), case=world.case, version=version or world.case.version, draw=Draw(**{**facts, **draw}), invoice=invoice,
    )  # fmt: skip


def release(world: World, drawdown: Drawdown, *, actor: Any = None) -> Drawdown:
    """A release by the checker."""
    return services.payment_release(
        actor=actor or world.actor("checker"), drawdown=drawdown, version=world.case.version
    )


def changed(facility: Facility, **values: Any) -> None:
    """Change a facility behind everybody's back."""
    for name, value in values.items():
        setattr(facility, name, value)
    facility.save()


def test_a_payment_is_prepared_by_one_and_released_by_another(world: World):
    drawdown = release(world, prepare(world))
    order = PaymentOrder.objects.get(drawdown=drawdown)
    assert drawdown.state == DrawdownState.RELEASED
    assert (order.maker_id, order.checker_id) == (
        world.accounts["maker"].person_id,
        world.accounts["checker"].person_id,
    )
    assert (order.amount, len(order.end_to_end_id), len(order.sha256)) == (SOME, 32, 64)
    assert set(DutyDone.objects.filter(case=world.case, person_id__in=[order.maker_id, order.checker_id]).values_list("duty", flat=True)) == {
        "pays", "releases"}  # fmt: skip


def test_each_payment_uses_up_the_facility(world: World):
    room = room_of(facility(world))
    prepare(world)
    assert room_of(facility(world)) == room - SOME
    assert prepare(world, room - SOME).number == 2
    assert room_of(facility(world)) == 0


@pytest.mark.parametrize("above", [Decimal("0.01"), Decimal(1), Decimal(10**9)])
def test_nothing_above_the_approved_amount_is_prepared(world: World, above: Decimal):
    approved = facility(world).approved_amount or Decimal(0)
    with pytest.raises(Refused) as refused:
        prepare(world, approved + above)
    assert refused.value.guard == "within_approved"
    assert f"{approved:,.2f}" in str(refused.value)


def test_the_sum_of_payments_stays_within_what_was_approved(world: World):
    prepare(world, None)
    with pytest.raises(Refused, match=r"Only 0\.00"):
        prepare(world, Decimal("0.01"))


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1), Decimal("0.001"), Decimal("1.005")])
def test_amounts_are_positive_and_exact(world: World, amount: Decimal):
    with pytest.raises(BadInput) as wrong:
        prepare(world, amount)
    assert set(wrong.value.errors) == {"amount"}


def test_a_payment_says_what_it_is_for(world: World):
    with pytest.raises(BadInput) as wrong:
        prepare(world, purpose="   ")
    assert set(wrong.value.errors) == {"purpose"}


@pytest.mark.parametrize("who", ["officer", "lead", "reviewer", "checker", "keeper", "auditor"])
def test_only_the_maker_prepares(world: World, who: str):
    with pytest.raises(Refused):
        prepare(world, actor=world.actor(who))


@pytest.mark.parametrize("who", ["officer", "lead", "reviewer", "maker", "keeper", "auditor"])
def test_only_the_checker_releases(world: World, who: str):
    drawdown = prepare(world)
    with pytest.raises(Refused):
        release(world, drawdown, actor=world.actor(who))


def test_nobody_releases_what_they_prepared_whatever_roles_they_hold(world: World):
    both = people.actor_for(people.staff(["payment_maker", "payment_checker"], world.at.branch))
    drawdown = prepare(world, actor=both)
    with pytest.raises(Refused) as refused:
        release(world, drawdown, actor=both)
    assert refused.value.guard == "duty"
    assert registry.guards["another_prepared"].check(world.case, both, {"drawdown": drawdown})


def test_who_released_one_payment_does_not_prepare_the_next(world: World):
    both = people.actor_for(people.staff(["payment_maker", "payment_checker"], world.at.branch))
    release(world, prepare(world), actor=both)
    with pytest.raises(Refused) as refused:
        prepare(world, actor=both)
    assert refused.value.guard == "duty"


def test_a_release_takes_a_fresh_factor(world: World):
    drawdown = prepare(world)
    with pytest.raises(StepUpNeeded):
        release(world, drawdown, actor=stale(world.actor("checker")))


def test_a_payment_is_released_once(world: World):
    drawdown = release(world, prepare(world))
    with pytest.raises(Refused, match="not waiting for release"):
        release(world, drawdown)


def test_a_stale_page_neither_prepares_nor_releases(world: World):
    with pytest.raises(Stale):
        prepare(world, version=world.case.version - 1)
    drawdown = prepare(world)
    with pytest.raises(Stale):
        services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version - 1)


@pytest.mark.parametrize("days", [1, 400])
def test_after_the_availability_period_nothing_is_drawn(world: World, days: int):
    drawdown = prepare(world)
    with act(actor=people.SETUP):
        changed(facility(world), available_until=clock.today() - dt.timedelta(days=days))
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)
    for attempt in (lambda: prepare(world), lambda: release(world, drawdown)):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "inside_availability"


@pytest.mark.parametrize("state", [FacilityState.CLOSED, FacilityState.CANCELLED, FacilityState.ASKED])
def test_a_facility_that_is_not_open_is_not_drawn(world: World, state: str):
    with act(actor=people.SETUP):
        changed(facility(world), state=state)
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)
    with pytest.raises(Refused) as refused:
        prepare(world)
    assert refused.value.guard == "inside_availability"


def test_a_facility_of_another_case_is_not_drawn(world: World):
    one = facility(world)
    with pytest.raises(Facility.DoesNotExist):
        prepare(world, facility=dataclasses.make_dataclass("Other", ["pk"])(one.pk + 10**6))


def entered(world: World, **given: Any) -> BankAccount:
    """An account of the borrower that nobody has verified."""
    return borrowers.bank_account(world.actor("officer"), world.case.borrower, **given)


def test_an_unverified_account_is_not_paid(world: World):
    with pytest.raises(Refused) as refused:
        prepare(world, payee=entered(world))
    assert refused.value.guard == "payee_verified"
    assert "second person" in str(refused.value)


def test_a_closed_account_is_not_paid_whatever_the_page_still_shows(world: World):
    drawdown, shown = prepare(world), BankAccount.objects.get(pk=world.payee.pk if world.payee else 0)
    with act(actor=people.SETUP):
        now = BankAccount.objects.get(pk=shown.pk)
        now.closed_at = clock.now()
        now.save(update_fields=["closed_at"])
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)
    for attempt in (lambda: prepare(world, payee=shown), lambda: release(world, drawdown)):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "payee_verified"


def test_another_borrowers_account_is_not_paid(world: World):
    other = borrowers.borrower(world.actor("officer"), world.at.branch)
    account = borrowers.bank_account(world.actor("officer"), other, verified_by=world.other("officer"))
    with pytest.raises(Refused, match="Choose an account of this borrower"):
        prepare(world, payee=account)


def test_who_verified_the_account_does_not_pay_to_it(world: World):
    both = people.actor_for(people.staff(["loan_officer", "payment_maker"], world.at.branch))
    account = bank_account_verify(actor=both, account=entered(world), how=VerifiedHow.values[0])
    with pytest.raises(Refused, match="verified this account yourself"):
        prepare(world, payee=account, actor=both)


def test_who_had_the_account_verified_by_deputy_does_not_pay_to_it(world: World):
    both = people.actor_for(people.staff(["loan_officer", "payment_maker"], world.at.branch))
    deputy = people.actor_for(people.staff("loan_officer", world.at.branch))
    deputy = dataclasses.replace(deputy, on_behalf_of=both.person_id, on_behalf_name=both.name)
    account = bank_account_verify(actor=deputy, account=entered(world), how=VerifiedHow.values[0])
    with pytest.raises(Refused, match="verified this account yourself"):
        prepare(world, payee=account, actor=both)


def test_a_supplier_is_paid_on_an_invoice_only(world: World):
    supplier = factories.account_verified(world.case, supplier=True, number="6222021234567894427")
    with pytest.raises(Refused, match="invoice"):
        prepare(world, payee=supplier)
    drawdown = prepare(world, payee=supplier, invoice=factories.invoice(world.case.borrower.legal_name))
    assert drawdown.bill is not None
    assert drawdown.invoice_id == drawdown.bill.file_id
    assert release(world, drawdown).state == DrawdownState.RELEASED


@pytest.mark.parametrize("step", ["prepare", "release"])
def test_a_report_too_old_on_the_day_stops_the_payment(world: World, step: str, monkeypatch: pytest.MonkeyPatch):
    drawdown = prepare(world)
    old = dataclasses.replace(
        registry.guards["bureau_fresh"], check=lambda case, actor, facts: ["The bureau report is too old."]
    )
    monkeypatch.setitem(registry.guards, "bureau_fresh", old)
    with pytest.raises(Refused) as refused:
        prepare(world) if step == "prepare" else release(world, drawdown)
    assert refused.value.guard == "retested"


def test_reports_are_tested_again_on_the_day_of_payment(world: World):
    with clock.at(clock.now() + dt.timedelta(days=90)):
        lines = registry.guards["retested"].check(world.case, world.actor("maker"), {})
    assert lines


def test_a_memo_that_changed_after_the_contract_stops_the_payment(world: World):
    drawdown = prepare(world)
    contract = contract_live(world.case)
    assert contract is not None
    with act(actor=people.SETUP):
        contract.memo_digest = "0" * 64
        contract.save(update_fields=["memo_digest"])
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)
    assert DecisionMemo.objects.filter(case=world.case).exists()
    with pytest.raises(Refused) as refused:
        release(world, drawdown)
    assert refused.value.guard == "nothing_changed"


@pytest.mark.parametrize("which", ["case", "borrower"])
def test_nothing_is_prepared_or_released_while_frozen(world: World, which: str):
    drawdown = prepare(world)
    frozen(world, which)
    for attempt in (
        lambda: prepare(world),
        lambda: release(world, drawdown),
        lambda: services.payment_cancel(actor=world.actor("maker"), drawdown=drawdown),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "frozen"


def frozen(world: World, which: str) -> None:
    """Freeze the case or its borrower."""
    with act(actor=people.SETUP):
        row = world.case if which == "case" else world.case.borrower
        setattr(row, "is_frozen" if which == "case" else "frozen", True)
        row.save()
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)


def test_a_prepared_payment_is_taken_back_and_gives_its_room_back(world: World):
    room, drawdown = room_of(facility(world)), prepare(world)
    taken = services.payment_cancel(actor=world.other("maker"), drawdown=drawdown)
    assert (taken.state, room_of(facility(world))) == (DrawdownState.CANCELLED, room)
    with pytest.raises(Refused, match="not waiting for release"):
        release(world, taken)


def test_a_released_payment_is_not_taken_back(world: World):
    drawdown = release(world, prepare(world))
    with pytest.raises(Refused, match="released already"):
        services.payment_cancel(actor=world.actor("maker"), drawdown=drawdown)


@pytest.mark.parametrize("who", ["officer", "checker", "lead", "auditor"])
def test_only_makers_take_a_payment_back(world: World, who: str):
    with pytest.raises(Refused):
        services.payment_cancel(actor=world.actor(who), drawdown=prepare(world))


@pytest.mark.parametrize("event", ["amend", "revoke"])
def test_going_back_to_approval_takes_unreleased_payments_with_the_contract(world: World, event: str):
    drawdown, actor = prepare(world), approver("approver_3", world.at.branch)
    with act(actor=actor):
        advance(world.case, event, actor=actor, version=world.case.version, text="The supplier has gone.")
    drawdown.refresh_from_db()
    assert drawdown.state == DrawdownState.CANCELLED
    assert contract_live(world.case) is None


def test_a_case_that_is_withdrawn_takes_unreleased_payments_back_on_record(world: World):
    drawdown, actor = prepare(world), world.actor("lead")
    reason("no-need", "withdraw")
    with act(actor=actor):
        advance(
            world.case, "withdraw_recorded", actor=actor, version=world.case.version, reasons=["no-need"], text="No."
        )
    drawdown.refresh_from_db()
    assert drawdown.state == DrawdownState.CANCELLED
    assert contract_live(world.case) is None
    done = AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:4]
    assert {"disbursement.order_cancelled", "disbursement.contract_voided", "workflow.withdrawn"} <= set(done)


@pytest.mark.parametrize("event", ["amend", "revoke"])
def test_nothing_goes_back_once_a_payment_is_released(world: World, event: str):
    release(world, prepare(world))
    actor = approver("approver_3", world.at.branch)
    with pytest.raises(Refused) as refused, act(actor=actor):
        advance(world.case, event, actor=actor, version=world.case.version, text="Too late.")
    assert refused.value.guard == "nothing_released"


def test_the_handoff_leaves_released_payments_alone(world: World):
    drawdown = release(world, prepare(world))
    with act(actor=people.SETUP):
        void_contract(world.case, people.SETUP)
        people.record(people.Tag.BRANCH_CHANGED, actor=people.SETUP)
    drawdown.refresh_from_db()
    assert drawdown.state == DrawdownState.RELEASED


@pytest.mark.unrecorded  # the rows are refused before an event could speak of them
@pytest.mark.parametrize(
    ("table", "change", "name"),
    [
        ("order", lambda order: setattr(order, "checker_id", order.maker_id), "order_four_eyes"),
        ("order", lambda order: setattr(order, "released_at", clock.now()), "order_released_by_checker"),
        ("order", lambda order: setattr(order, "amount", Decimal(0)), "order_positive_or_booked"),
        ("drawdown", lambda drawdown: setattr(drawdown, "amount", Decimal(0)), "drawdown"),
        ("drawdown", lambda drawdown: setattr(drawdown, "netted", drawdown.amount + 1), "drawdown_netted_within"),
        ("drawdown", lambda drawdown: setattr(drawdown, "netted", Decimal(-1)), "drawdown_netted_within"),
    ],
)
def test_the_database_itself_holds_four_eyes_and_amounts(world: World, table: str, change: Any, name: str):
    drawdown = prepare(world)
    row = drawdown if table == "drawdown" else PaymentOrder.objects.get(drawdown=drawdown)
    change(row)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        type(row)._base_manager.bulk_update([row], [each.name for each in row._meta.concrete_fields if not each.primary_key and each.name in {
            "checker", "released_at", "amount", "netted"}])  # fmt: skip


def test_a_drawdown_has_one_order_and_an_identifier_is_never_used_twice(world: World):
    first, second = (PaymentOrder.objects.get(drawdown=prepare(world)) for _ in range(2))
    assert first.end_to_end_id != second.end_to_end_id
    for field in ("drawdown", "end_to_end_id"):
        assert PaymentOrder._meta.get_field(field).unique
