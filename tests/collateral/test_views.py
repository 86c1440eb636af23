"""Pages of collateral: what they show, what they take, what they keep when something is wrong, and what they cost."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.collateral.models import Asset, Insurance, Lien, LienCheck, Valuation
from apps.collateral.selectors import collateral_outcome
from apps.collateral.services import collateral_confirm
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.borrowers.factories import account_of
from tests.collateral import factories
from tests.collateral.conftest import World

TODAY = clock.today("Asia/Shanghai")
YEAR = TODAY + dt.timedelta(days=365)
ASSET = {
    "asset_class": "real_estate", "description": "Workshop <i>North</i>", "owner": "", "title_no": "37010000123", "address": "12 Jingshi",
}  # fmt: skip
LIENS = {
    "checked_on": TODAY.isoformat(), "register": "Register", "holder_0": "Bank of Jinan", "rank_0": 1, "amount_0": "100,000",
    "holder_2": "Zhang San", "rank_2": 2, "amount_2": "50,000",
}  # fmt: skip
INSURANCE = {
    "insurer": "Taishan", "policy_no": "TP-778123", "insured_amount": "2,000,000", "valid_until": YEAR.isoformat(), "is_assigned": "on",
}  # fmt: skip
VALUATION = {
    "source": "external",
    "valuer": "Qilu Appraisal",
    "valued_on": TODAY.isoformat(),
    "amount": "1,600,000",
    "haircut_percent": "35",
}


@pytest.fixture
def seat(client: Client, world: World, db: None) -> Client:
    """A browser in which an appraiser of the case's branch is signed in."""
    people.signed_in(client, world.second)
    return client


def url(name: str, case: LoanCase, *more: Any) -> str:
    return reverse(f"collateral:{name}", args=[case.number, *more])


def post(seat: Client, name: str, case: LoanCase, *more: Any, **fields: Any) -> Any:
    return seat.post(url(name, case, *more), {"version": again(case).version, "seen": "{}", **fields})


def moved(case: LoanCase, state: str) -> LoanCase:
    with act(actor=factories.appraiser(case)) as opened:
        case.state = state
        case.save(update_fields=["state"])
        record(Tag.CASE_CLAIMED, actor=opened.actor, subject=case)
    return again(case)


def test_collateral_is_checked_from_the_first_page_to_the_last(case: LoanCase, seat: Client):
    assert "No assets yet" in seat.get(url("overview", case)).content.decode()
    assert post(seat, "asset_add", case, **ASSET).status_code == 302
    pk = Asset.objects.get(case=case).pk
    page = seat.get(url("overview", case)).content.decode()
    assert "Workshop &lt;i&gt;North&lt;/i&gt;" in page
    assert "37010000123" in page  # the look is recorded
    order = {"source": "external", "valuer": "Qilu", "due_on": TODAY.isoformat()}
    for name, fields in (
        ("order", order), ("cancel", {}), ("order", order), ("title", {"source": "Register"}), ("liens", LIENS),
        ("insurance", INSURANCE), ("valuation", VALUATION),
    ):  # fmt: skip
        assert seat.get(url(name, case, pk)).status_code in (200, 405)
        assert post(seat, name, case, pk, **fields).status_code == 302, name
    assert Lien.objects.filter(asset_id=pk).count() == 2
    assert Insurance.objects.get().is_assigned
    assert Valuation.objects.get(state="received").haircut == Decimal("0.35")
    page = seat.get(url("overview", case)).content.decode()
    for words in ("942,500", "Zhang San", "Nothing is missing.", "59.4", "1.18"):
        assert words in page
    shown = seat.get(url("confirm", case)).content.decode()
    assert "Still missing" not in shown
    sent = post(seat, "confirm", case, text="Seen on site.")
    assert (sent.status_code, sent.headers["Location"]) == (302, case.get_absolute_url())
    assert again(case).state == "approval"
    assert collateral_outcome(case).lending_value == Decimal(942_500)


def test_the_case_page_shows_cover_without_opening_secrets(case: LoanCase, appraiser: Actor, client: Client):
    factories.whole_asset(appraiser, case)
    collateral_confirm(actor=appraiser, case=case, version=again(case).version)
    people.signed_in(client, account_of(Role.APPROVER_2, case.branch))
    page = client.get(case.get_absolute_url()).content.decode()
    for words in ("Collateral and cover", "Workshop, 840", "1,120,000", "50"):
        assert words in page
    assert "37010000123" not in page
    overview = client.get(url("overview", case)).content.decode()
    assert "Add an asset" not in overview
    assert "Enter a valuation" not in overview


def test_no_liens_found_must_be_said(case: LoanCase, appraiser: Actor, seat: Client):
    one = factories.asset(appraiser, case)
    head = {"checked_on": TODAY.isoformat(), "register": "Register"}
    for typed, words in (
        (head, "No liens found"),
        (LIENS | {"none_found": "on"}, "No liens found"),
        (LIENS | {"rank_0": ""}, "Fill in the whole row"),
        (LIENS | {"amount_0": "x"}, "Enter an amount in digits"),
        (LIENS | {"checked_on": "2026-02-30"}, "no such day"),
        (LIENS | {"checked_on": (TODAY + dt.timedelta(days=1)).isoformat()}, "future"),
    ):
        answer = post(seat, "liens", case, one.pk, **typed)
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not LienCheck.objects.filter(asset=one).exists()
    assert post(seat, "liens", case, one.pk, **head, none_found="on").status_code == 302
    assert LienCheck.objects.get(asset=one).liens.count() == 0


def test_what_is_wrong_stands_beside_its_field_and_all_is_kept(case: LoanCase, appraiser: Actor, seat: Client):
    one = factories.asset(appraiser, case)
    for name, typed, words in (
        ("valuation", VALUATION | {"haircut_percent": "10"}, "at least 30"),
        ("valuation", VALUATION | {"amount": "1.600.000,00"}, "begins the decimals"),
        ("valuation", VALUATION | {"amount": "0"}, "above zero"),
        ("insurance", INSURANCE | {"valid_until": "2020-01-01"}, "has ended"),
        ("title", {"source": ""}, "required"),
    ):
        answer = post(seat, name, case, one.pk, **typed)
        page = answer.content.decode()
        assert (answer.status_code, words in page) == (400, True), (name, words)
        kept = [value for value in typed.values() if value and value not in ("external", "on")]
        assert all(str(value) in page for value in kept)
    assert not Valuation.objects.exists()


def test_a_case_goes_back_when_the_value_is_too_low(case: LoanCase, appraiser: Actor, seat: Client):
    factories.whole_asset(appraiser, case, Decimal(1_000_000))
    assert "the case goes back" in seat.get(url("confirm", case)).content.decode()
    assert post(seat, "confirm", case, text="").status_code == 302
    assert again(case).state == "credit_review"


def test_confirming_too_early_says_what_is_missing(case: LoanCase, seat: Client):
    assert "Add the assets that secure the loan." in seat.get(url("confirm", case)).content.decode()
    answer = post(seat, "confirm", case, text="I am sure.")
    assert answer.status_code == 403
    assert "I am sure." in answer.content.decode()


def test_a_stale_form_overwrites_nothing(case: LoanCase, appraiser: Actor, seat: Client):
    one = factories.asset(appraiser, case)
    stale = again(case).version
    factories.titled(appraiser, case, one)
    answer = seat.post(url("valuation", case, one.pk), {"version": stale, "seen": "{}", **VALUATION})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.content.decode()
    assert not Valuation.objects.exists()
    assert seat.post(url("remove", case, one.pk), {"version": stale}).status_code == 409
    assert seat.post(url("remove", case, one.pk), {"version": "?"}).status_code == 302
    assert Asset.objects.get(pk=one.pk).removed_at is None
    assert post(seat, "remove", case, one.pk).status_code == 302
    assert Asset.objects.get(pk=one.pk).removed_at is not None


def test_registration_and_release_by_two_in_the_browser(case: LoanCase, appraiser: Actor, seat: Client):
    one = factories.asset(appraiser, case)
    case = moved(again(case), "active")
    typed = {"registered_on": TODAY.isoformat(), "registration_no": "LIEN-2026-00112"}
    assert post(seat, "registration", case, one.pk, **typed).status_code == 302
    page = seat.get(url("overview", case)).content.decode()
    assert "LIEN-2026-00112" in page
    assert "Ask for the release" in page
    assert post(seat, "release_ask", case, one.pk).status_code == 302
    assert "Confirm the release" in seat.get(url("overview", case)).content.decode()
    assert post(seat, "release_confirm", case, one.pk).status_code == 403
    people.signed_in(seat, account_of(Role.TEAM_LEAD, case.branch))
    assert post(seat, "release_confirm", case, one.pk).status_code == 302
    assert "released" in seat.get(url("overview", case)).content.decode()


def test_others_are_kept_out(case: LoanCase, appraiser: Actor, client: Client):
    one = factories.asset(appraiser, case)
    people.signed_in(client, account_of(Role.CREDIT_ANALYST, case.branch))
    assert client.get(url("overview", case)).status_code == 200
    for name in ("title", "liens", "insurance", "order", "valuation", "registration"):
        assert client.get(url(name, case, one.pk)).status_code == 403
    people.signed_in(client, account_of(Role.APPRAISER, people.branch("OTHER")))
    assert client.get(url("overview", case)).status_code == 404
    assert client.get(url("title", case, one.pk)).status_code == 404


def test_an_asset_of_another_case_is_not_found(case: LoanCase, appraiser: Actor, seat: Client):
    one = factories.asset(appraiser, case)
    assert seat.get(url("title", case, one.pk + 1)).status_code == 404


def test_pages_cost_the_same_for_three_assets_as_for_one(
    case: LoanCase, appraiser: Actor, seat: Client, django_assert_max_num_queries: Any
):
    one = factories.whole_asset(appraiser, case)
    for _more in range(2):
        factories.whole_asset(appraiser, case)
    for name, more, most in (
        ("overview", (), 40),
        ("confirm", (), 30),
        ("valuation", (one.pk,), 18),
        ("asset_add", (), 18),
    ):
        seat.get(url(name, case, *more))
        with django_assert_max_num_queries(most):
            assert seat.get(url(name, case, *more)).status_code == 200
