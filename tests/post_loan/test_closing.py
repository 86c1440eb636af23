"""Closing: the loan, its facility, and with the last one the case, once its collateral is free."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.collateral import services as collateral
from apps.collateral.models import Asset
from apps.core import clock
from apps.core.errors import IllegalTransition, Refused, Stale
from apps.disbursement.selectors import room_of
from apps.post_loan import services
from apps.post_loan.models import Loan
from apps.post_loan.selectors import facilities_idle
from apps.workflow import registry
from apps.workflow.models import Facility, FacilityState, Notice
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.disbursement import factories as payments
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.post_loan.factories import loan_of, settled
from tests.worlds import once_a_module


def build() -> World:
    """An active case with one running loan and an asset on which our lien is registered."""
    made = factories.running(secured=True)
    for asset in Asset.objects.filter(case=made.at):
        put(asset, registered_on=clock.today())
    return made


def put(row: Any, **values: Any) -> None:
    """Change a row behind the services' back."""
    with act(actor=people.SETUP):
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def close(world: World, who: str = "keeper", **kw: Any) -> Loan:
    """Close the settled loan."""
    loan = loan_of(world)
    return services.loan_close(actor=world.actor(who), loan=loan, **{"version": loan.version, **kw})


def released(world: World) -> None:
    """Free the case's collateral by two people."""
    for asset in Asset.objects.filter(case=world.at, released_at=None):
        for step in (collateral.release_ask, collateral.release_confirm):
            step(
                actor=borrowers.actor_of("appraiser", world.at.branch),
                case=world.case,
                version=world.case.version,
                asset_id=asset.pk,
            )


def facility(world: World) -> Facility:
    """The case's one facility as it stands."""
    return world.case.facilities.get()


def test_closing_the_last_loan_of_a_case_without_liens_completes_it(world: World):
    settled(world)
    released(world)
    assert world.case.state == "active"
    assert close(world).state == "closed"
    assert (facility(world).state, world.case.state) == (FacilityState.CLOSED, "completed")


def test_the_case_waits_for_its_collateral_and_is_completed_with_the_release(world: World):
    settled(world)
    close(world)
    assert (facility(world).state, world.case.state) == (FacilityState.CLOSED, "active")
    released(world)
    assert world.case.state == "completed"
    assert AuditEvent.objects.filter(action="workflow.completed").exists()


def test_collateral_stays_while_a_loan_is_owed(world: World):
    with pytest.raises(Refused) as refused:
        released(world)
    assert refused.value.guard == "still_owed"
    assert loan_of(world).number in str(refused.value)


def test_collateral_stays_while_a_payment_is_on_its_way(world: World):
    settled(world)
    put(facility(world), approved_amount=facility(world).approved_amount + 5000)
    payments.prepared(world.actor("maker"), world.case, Decimal(5000), world.payee)
    with pytest.raises(Refused, match="on its way"):
        released(world)


def test_what_waits_for_its_collateral_is_brought_to_notice_of_the_holder_or_else_of_the_keepers(world: World):
    settled(world)
    close(world)
    told = Notice.objects.filter(kind="release_collateral").values_list("person_id", flat=True)
    assert world.case.holder_id is None
    assert world.accounts["keeper"].person_id in told
    client = Client()
    people.signed_in(client, world.accounts["keeper"])
    assert "collateral to release" in client.get(reverse("console:notices")).content.decode()


@pytest.mark.parametrize("which", ["case", "borrower"])
def test_nothing_is_closed_while_frozen(world: World, which: str):
    settled(world)
    case = world.case
    put(case, is_frozen=True) if which == "case" else put(case.borrower, frozen=True)
    for attempt in (
        lambda: close(world),
        lambda: services.facility_close(
            actor=world.actor("keeper"), facility=facility(world), version=world.case.version
        ),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "frozen"


def test_a_running_loan_is_not_closed(world: World):
    with pytest.raises(IllegalTransition):
        close(world)


@pytest.mark.parametrize("who", ["officer", "maker", "checker", "reviewer", "auditor"])
def test_only_post_loan_and_leads_close(world: World, who: str):
    settled(world)
    with pytest.raises(Refused, match="role"):
        close(world, who)
    with pytest.raises(Refused, match="role"):
        services.facility_close(actor=world.actor(who), facility=facility(world), version=world.case.version)


def test_a_stale_page_closes_nothing(world: World):
    settled(world)
    with pytest.raises(Stale):
        close(world, version=1)
    assert loan_of(world).state == "settled"


def test_a_limit_that_may_still_be_drawn_stays_open_and_is_given_up_by_a_person(world: World):
    put(facility(world), kind="revolving")
    settled(world)
    released(world)
    close(world)
    assert (facility(world).state, facilities_idle(world.case)) == (FacilityState.ACTIVE, [facility(world)])
    services.facility_close(actor=world.actor("keeper"), facility=facility(world), version=world.case.version)
    assert (facility(world).state, world.case.state) == (FacilityState.CLOSED, "completed")


@pytest.mark.parametrize(("until", "left"), [(None, "active"), (-1, "closed"), (0, "active")])
def test_a_limit_closes_with_its_last_loan_when_its_time_is_over(world: World, until: int | None, left: str):
    day = None if until is None else clock.today() + dt.timedelta(days=until)
    put(facility(world), kind="revolving", available_until=day)
    settled(world)
    close(world)
    assert facility(world).state == left


def test_principal_repaid_on_a_limit_is_room_again_and_on_a_loan_is_not(world: World):
    assert room_of(facility(world)) == 0
    settled(world)
    assert room_of(facility(world)) == 0
    put(facility(world), kind="revolving")
    assert room_of(facility(world)) == facility(world).approved_amount


def test_a_limit_is_drawn_again_up_to_what_came_back(world: World):
    put(facility(world), kind="revolving")
    settled(world)
    approved = facility(world).approved_amount or Decimal(0)
    with pytest.raises(Refused) as refused:
        payments.prepared(world.actor("maker"), world.case, approved + 1, world.payee)
    assert refused.value.guard == "within_approved"
    payments.paid(world.case, amount=approved, payee=world.payee)
    assert Loan.objects.filter(case=world.at).count() == 2
    assert room_of(facility(world)) == 0


def test_a_payment_on_its_way_keeps_the_facility_open(world: World):
    put(facility(world), approved_amount=facility(world).approved_amount + 5000)
    payments.prepared(world.actor("maker"), world.case, Decimal(5000), world.payee)
    settled(world)
    close(world)
    assert (facility(world).state, facilities_idle(world.case)) == (FacilityState.ACTIVE, [])
    with pytest.raises(Refused) as refused:
        services.facility_close(actor=world.actor("keeper"), facility=facility(world), version=world.case.version)
    assert refused.value.guard == "in_use"


def test_a_facility_with_a_running_loan_is_not_closed(world: World):
    with pytest.raises(Refused) as refused:
        services.facility_close(actor=world.actor("keeper"), facility=facility(world), version=world.case.version)
    assert refused.value.guard == "in_use"


def test_a_closed_facility_is_not_closed_again(world: World):
    settled(world)
    close(world)
    with pytest.raises(Refused) as refused:
        services.facility_close(actor=world.actor("keeper"), facility=facility(world), version=world.case.version)
    assert refused.value.guard == "state"


def test_a_facility_never_drawn_is_cancelled_and_lets_the_case_end(world: World):
    one = facility(world)
    with act(actor=people.SETUP):
        second = Facility.objects.create(
            case=world.case, borrower=one.borrower, position=2, currency=one.currency, amount=1000, approved_amount=1000, term_months=12,
            state=FacilityState.APPROVED,
        )  # fmt: skip
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    settled(world)
    released(world)
    close(world)
    assert world.case.state == "active"
    assert registry.guards["loans_closed"].check(world.case, people.SETUP, {})
    services.facility_close(actor=world.actor("lead"), facility=second, version=world.case.version)
    second.refresh_from_db()
    assert (second.state, world.case.state) == (FacilityState.CANCELLED, "completed")
    assert AuditEvent.objects.filter(action="post_loan.facility_closed").exists()
