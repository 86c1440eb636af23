"""A first start lays down all that a case needs on its way: after ``manage.py init`` people can work at once."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.access.ports import SEEDS, at_founding
from apps.applications.rules import knockout
from apps.approval.models import ConditionTemplate, Policy
from apps.approval.rules import policy_problems
from apps.approval.selectors import memo_live, policy_in_force
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.packs import PACKS, Pack
from apps.workflow.models import Product, Reason, ReasonKind
from apps.workflow.services.catalogue import reason_save
from tests.accounts import factories as people
from tests.approval.factories import signed, signers_missing
from tests.collateral.factories import case_confirmed

pytestmark = pytest.mark.django_db
SYSTEM = "system:init"


def init(pack: str = "cn") -> str:
    """Run the first start and return what it printed."""
    out = StringIO()
    admins = ("--admin", "a@example.test", "--admin", "b@example.test")
    call_command("init", "--institution", "Songhua Bank", "--pack", pack, *admins, stdout=out)
    return out.getvalue()


def events(tag: Tag) -> list[dict[str, object]]:
    """Bodies of the events of a kind."""
    return [json.loads(event.body) for event in AuditEvent.objects.filter(action=tag).order_by("id")]


@pytest.mark.parametrize("secured", [False, True])
def test_after_init_people_take_a_case_to_its_offer(secured: bool) -> None:
    init()
    product, policy = Product.objects.get(is_secured=secured), policy_in_force()
    case = case_confirmed(secured=secured, product=product, branch=people.branch("JN"), amount=Decimal(300_000))
    assert case.state == "approval"
    memo = memo_live(case)
    assert memo is not None
    assert (memo.policy, bool(memo.needed)) == (policy, True)
    for signer in signers_missing(case):
        case = signed(case, signer)
    assert case.state == "offered"


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_each_pack_begins_with_a_policy_and_products_in_its_currency(pack: Pack) -> None:
    init(pack.code)
    policy = policy_in_force()
    assert policy.currency == pack.currency
    assert not policy_problems(policy.rules())
    assert ConditionTemplate.objects.filter(is_active=True, kind="precedent").exists()
    products = Product.objects.filter(is_active=True)
    assert {each.is_secured for each in products} == {True, False}
    assert {each.currency for each in products} == {pack.currency}
    for product in products:
        covering = [row for row in policy.rules().authorities if row.covers("A", product.is_secured)]
        assert max(row.up_to for row in covering) >= product.max_amount, (
            "the best grade is approved up to the product's end"
        )


def test_there_is_a_reason_of_every_kind_and_one_for_each_knock_out_in_both_languages() -> None:
    init()
    assert {each.kind for each in Reason.objects.all()} == set(ReasonKind.values)
    found = set(Reason.objects.filter(kind=ReasonKind.KNOCK_OUT).values_list("code", flat=True))
    assert found == {knockout.TOO_YOUNG, knockout.INDUSTRY, knockout.AMOUNT, knockout.TERM}
    assert not Reason.objects.filter(name_zh="").exists()


def test_what_is_laid_down_is_on_record_by_the_system() -> None:
    assert "first credit policy" in init()
    for tag, count in (
        (Tag.POLICY_ACTIVATED, 1),
        (Tag.PRODUCT_CHANGED, 2),
        (Tag.REASON_CHANGED, Reason.objects.count()),
    ):
        assert [event["name"] for event in events(tag)] == [SYSTEM] * count


def test_an_older_installation_is_completed_and_what_is_there_stays() -> None:
    people.institution()
    reason_save(
        actor=people.SETUP,
        reason=None,
        values={"kind": "knock_out", "code": "too_young", "name_en": "Our own words", "name_zh": ""},
    )
    call_command("first_terms", stdout=StringIO())
    assert Reason.objects.get(code="too_young").name_en == "Our own words"
    assert Policy.objects.count() == 1
    before = AuditEvent.objects.count()
    call_command("first_terms", stdout=StringIO())
    assert AuditEvent.objects.count() == before


def test_without_an_institution_nothing_is_laid_down() -> None:
    with pytest.raises(CommandError, match="init"):
        call_command("first_terms")
    assert not Product.objects.exists()


@pytest.mark.parametrize("name", SEEDS)
def test_a_system_without_the_right_lays_nothing_down(name: str) -> None:
    people.institution()
    with pytest.raises(Refused):
        SEEDS[name](Actor.system("clock"), PACKS["cn"])


def test_no_name_is_laid_down_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        at_founding("catalogue", lambda actor, pack: None)
