"""A condition is let go by a signature as an approval is given by one: what is kept, what a passkey signs, what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Account
from apps.accounts.passkeys import ceremony
from apps.approval.rules import fingerprint
from apps.approval.selectors.signoffs import signoffs_checked
from apps.audit.canonical import digest
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, Refused
from apps.disbursement.models import ConditionWaiver, WaiverSignature
from apps.disbursement.selectors import conditions_standing
from apps.disbursement.services.waiving import condition_waive
from apps.disbursement.waivers import WaiverShown, Waiving, waiver_prepare
from tests.accounts import factories as people
from tests.accounts.authenticator import PRESENT, Authenticator
from tests.accounts.log import count, newest
from tests.accounts.test_passkeys import enrolled, here
from tests.approval.factories import approver_account
from tests.disbursement import worlds
from tests.disbursement.test_signed_releases import limited
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.conditions)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
REASON = "Mr Wang's brother stands in."


@pytest.fixture
def signer(world: World) -> Account:
    """An approver of the highest level, whose last factor is an hour old."""
    return approver_account("approver_3", world.at.branch)


def actor_of(signer: Account) -> Actor:
    """The actor of the signer, with an old factor."""
    return people.actor_for(signer, fresh=False)


def wanted(world: World, at: int = 0, **given: Any) -> Waiving:
    """To let one of the conditions go that keep the money back."""
    held = [each.condition for each in conditions_standing(world.case) if each.keeps_money_back]
    return Waiving(**{"condition": held[at].uuid, "reason": REASON, **given})


def shown(world: World, signer: Account, what: Waiving) -> WaiverShown:
    """What the page shows."""
    return waiver_prepare(actor_of(signer), world.case, what)


def sign(world: World, signer: Account, what: Waiving, soft: Authenticator, **changed: Any) -> ConditionWaiver:
    """Sign what the page shows with a passkey; ``changed`` are arguments in place of the true ones."""
    page = changed.pop("page", None) or shown(world, signer, what)
    answer = soft.signs(bytes.fromhex(page.decision.fingerprint))
    given = {
        "actor": actor_of(signer), "version": world.case.version, "challenge": page.challenge, "answer": answer,
        **dataclasses.asdict(what), **changed,
    }  # fmt: skip
    return condition_waive(case=world.case, **given)


@pytest.mark.parametrize("days", [None, 30])
def test_a_waiver_is_signed_with_a_passkey_over_exactly_what_is_let_go(
    world: World, signer: Account, days: int | None
) -> None:
    limited(world, 1)
    until = None if days is None else clock.today() + dt.timedelta(days=days)
    what = wanted(world, deferred_to=until)
    waiver = sign(world, signer, what, enrolled(signer))
    signature = WaiverSignature.objects.select_related("assertion").get(waiver=waiver)
    decision = json.loads(signature.decision)
    assert (signature.factor_class, signature.assertion.challenge) == ("A", signature.fingerprint)
    assert signature.fingerprint == fingerprint(signature.decision)
    assert decision["action"] == ("waive" if until is None else "defer")
    assert (decision["case"], decision["row"], decision["currency"]) == (
        world.case.number, what.condition.hex, world.case.currency,
    )  # fmt: skip
    assert decision["until"] == (None if until is None else until.isoformat())
    assert decision["reason"] == digest(f"{waiver.uuid.hex}:{REASON}")
    assert "Wang" not in signature.decision
    assert waiver.uuid.hex not in signature.decision
    assert newest(Tag.DECISION_SIGNED)["note"]["signoff"]["class"] == "A"
    assert {each.flaws for each in signoffs_checked()} == {()}


def test_a_code_waives_as_class_b_what_it_could_approve_and_no_more(world: World, signer: Account) -> None:
    fresh = people.actor_for(signer)
    what = dataclasses.asdict(wanted(world))
    for factor in (Factor.TOTP, Factor.PASSKEY):
        limited(world, 1)
        with pytest.raises(Refused, match="use a passkey"):
            condition_waive(
                actor=dataclasses.replace(fresh, factor=factor), case=world.case, version=world.case.version, **what
            )
    assert not ConditionWaiver.objects.exists()
    limited(world, 10**9)
    waiver = condition_waive(actor=fresh, case=world.case, version=world.case.version, **what)
    assert (waiver.signature.factor_class, waiver.signature.assertion) == ("B", None)


def _unverified(world: World, signer: Account, soft: Authenticator, what: Waiving) -> ConditionWaiver:
    page = shown(world, signer, what)
    answer = soft.signs(bytes.fromhex(page.decision.fingerprint), flags=PRESENT)
    return sign(world, signer, what, soft, page=page, answer=answer)


ATTACKS: dict[str, Any] = {
    "with another reason": lambda world, one, soft, what: sign(world, one, what, soft, reason="Nobody asked for it."),
    "for good where it was deferred": lambda world, one, soft, what: sign(
        world, one, dataclasses.replace(what, deferred_to=clock.today() + dt.timedelta(days=9)), soft, deferred_to=None
    ),
    "of another condition": lambda world, one, soft, what: sign(
        world, one, what, soft, condition=wanted(world, 1).condition
    ),
    "over another waiver": lambda world, one, soft, what: sign(
        world, one, what, soft, answer=soft.signs(bytes.fromhex(shown(world, one, wanted(world, 1)).decision.fingerprint))
    ),
    "unverified": _unverified,
    "on a page that nobody made": lambda world, one, soft, what: sign(world, one, what, soft, challenge="-"),
    "by another's passkey": lambda world, one, soft, what: sign(
        world, one, what, enrolled(approver_account("approver_3", world.at.branch))
    ),
    "by another on the signer's page": lambda world, one, soft, what: sign(
        world, approver_account("approver_3", world.at.branch), what, soft, page=shown(world, one, what)
    ),
    "with no answer and a code an hour old": lambda world, one, soft, what: sign(world, one, what, soft, answer=""),
    "where the role needs a passkey": lambda world, one, soft, what: sign(
        world, one, what, soft, answer="", actor=dataclasses.replace(people.actor_for(one), needs_passkey=True)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_false_waiver_is_refused_and_lets_nothing_go(world: World, signer: Account, name: str) -> None:
    with pytest.raises(Refused):
        ATTACKS[name](world, signer, enrolled(signer), wanted(world))
    assert not ConditionWaiver.objects.exists()
    assert not WaiverSignature.objects.exists()


def test_a_signed_waiver_is_not_used_twice(world: World, signer: Account) -> None:
    soft, what = enrolled(signer), wanted(world)
    page = shown(world, signer, what)
    sign(world, signer, what, soft, page=page)
    with pytest.raises(Refused, match="used already"):
        sign(world, signer, what, soft, page=page)
    with pytest.raises(BadInput, match="already"):
        shown(world, signer, what)
    assert WaiverSignature.objects.count() == 1


@pytest.mark.unrecorded
@pytest.mark.parametrize("change", ["condition", "deferred_to"])
def test_a_waiver_changed_afterwards_does_not_hold(world: World, signer: Account, change: str) -> None:
    other = wanted(world, 1).condition
    waiver = sign(world, signer, wanted(world), enrolled(signer))
    value = other if change == "condition" else clock.today()
    ConditionWaiver._base_manager.filter(pk=waiver.pk).update(**{change: value})
    assert ("binding",) in {each.flaws for each in signoffs_checked()}


def test_the_page_shows_what_is_signed_before_it_is_and_asks_over_its_fingerprint(
    world: World, signer: Account, client: Client
) -> None:
    limited(world, 1)
    soft = enrolled(signer)
    people.signed_in(here(client), signer)
    what = wanted(world)
    url = reverse("disbursement:condition_waive", args=[world.case.number, what.condition])
    typed = {"version": world.case.version, "reason": f" {REASON} ", "deferred_to": ""}
    assert client.post(url, {**typed, "reason": ""}).status_code == 400
    page = client.post(url, typed)
    text = page.content.decode()
    assert page.status_code == 200
    assert not ConditionWaiver.objects.exists()
    challenge = ceremony.base64url_to_bytes(json.loads(page.context["passkey"].options)["challenge"])
    assert challenge.hex() in text.replace("<wbr>", "")
    assert "use a passkey for this amount" in text
    assert "brother stands in" in text
    sent = {**typed, "challenge": page.context["shown"].challenge, "passkey_answer": soft.signs(challenge)}
    changed = client.post(url, {**sent, "reason": "Other words."})
    assert changed.status_code == 403
    assert "Other words." in changed.content.decode()
    again = client.post(url, typed)
    challenge = ceremony.base64url_to_bytes(json.loads(again.context["passkey"].options)["challenge"])
    sent |= {"challenge": again.context["shown"].challenge, "passkey_answer": soft.signs(challenge)}
    assert client.post(url, sent).status_code == 302
    assert WaiverSignature.objects.get().factor_class == "A"
    assert count(Tag.CONDITION_WAIVED) == 1


def test_the_list_of_conditions_says_of_which_class_a_waiver_is(
    world: World, signer: Account, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign(world, signer, wanted(world), enrolled(signer))
    condition_waive(
        actor=people.actor_for(approver_account("approver_3", world.at.branch)), case=world.case, version=world.case.version,
        **dataclasses.asdict(wanted(world)),
    )  # fmt: skip
    people.signed_in(client, world.accounts["officer"])
    with django_assert_max_num_queries(25):
        text = client.get(reverse("disbursement:conditions", args=[world.case.number])).content.decode()
    assert (text.count("(class A)"), text.count("(class B)")) == (1, 1)
