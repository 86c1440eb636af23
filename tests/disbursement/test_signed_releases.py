"""Releases are signed as approvals are: what is kept, what a passkey signs, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.passkeys import ceremony
from apps.approval.models import Policy
from apps.approval.selectors import memo_live
from apps.approval.selectors.signoffs import signoffs_checked
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused, Stale
from apps.disbursement import services
from apps.disbursement.decisions import release_prepare
from apps.disbursement.models import Drawdown, DrawdownState, ReleaseSignature
from apps.disbursement.selectors.pages import drawdown_of
from tests.accounts import factories as people
from tests.accounts.authenticator import PRESENT, Authenticator
from tests.accounts.log import newest
from tests.accounts.test_passkeys import enrolled, here
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
SOME = Decimal(20_000)


def prepared(world: World) -> Drawdown:
    """A payment that waits, as the checker's page reads it."""
    made = factories.prepared(world.actor("maker"), world.case, SOME, world.payee)
    return drawdown_of(world.case, made.pk)


def checker(world: World) -> Actor:
    """The checker, whose last factor is an hour old."""
    return people.actor_for(world.accounts["checker"], fresh=False)


def limited(world: World, most: int) -> None:
    """Let one-time codes sign up to an amount, in the policy of the case's memo."""
    memo = memo_live(world.case)
    assert memo is not None
    with act(actor=people.SETUP):
        policy = Policy.objects.get(pk=memo.policy_id)
        policy.totp_up_to = Decimal(most)
        policy.save()
        record(Tag.POLICY_ACTIVATED, actor=people.SETUP, subject=policy)


def release(world: World, drawdown: Drawdown, soft: Authenticator, **changed: Any) -> Drawdown:
    """Release what the page shows with a passkey; ``changed`` are arguments in place of the true ones."""
    shown = release_prepare(checker(world), drawdown)
    given = {
        "challenge": shown.challenge, "answer": soft.signs(bytes.fromhex(shown.decision.fingerprint)),
        "version": world.case.version, **changed,
    }  # fmt: skip
    return services.payment_release(actor=checker(world), drawdown=drawdown, **given)


def test_a_release_is_signed_with_a_passkey_over_exactly_what_goes_out(world: World) -> None:
    limited(world, 1)
    soft, drawdown = enrolled(world.accounts["checker"]), prepared(world)
    released = release(world, drawdown, soft)
    assert released.state == DrawdownState.RELEASED
    signature = ReleaseSignature.objects.select_related("assertion").get(drawdown=drawdown)
    decision = json.loads(signature.decision)
    assert (signature.factor_class, signature.assertion.challenge) == ("A", signature.fingerprint)
    assert (decision["action"], decision["case"], decision["amount"]) == ("release", world.case.number, "20000.0000")
    assert decision["order"] == drawdown.order.end_to_end_id
    assert {key.split(":")[0] for key in decision["rows"]} >= {"disbursement_drawdown", "borrowers_bankaccount"}
    assert "6222021234567894419" not in signature.decision
    assert newest(Tag.DECISION_SIGNED)["note"]["signoff"]["class"] == "A"


def test_the_rows_that_are_signed_are_those_that_the_log_knows(world: World) -> None:
    drawdown = prepared(world)
    rows = json.loads(release_prepare(checker(world), drawdown).decision.text)["rows"]
    events = AuditEvent.objects.order_by("id")
    told = {one["object"]: one["after"] for each in events for one in each.data.get("touched", ()) if "after" in one}
    assert len(rows) == 4
    assert rows == {key: told[key] for key in rows}


def test_a_code_releases_as_class_b_up_to_the_policys_amount_all_payments_together(world: World) -> None:
    limited(world, 30_000)
    first = prepared(world)
    services.payment_release(actor=world.actor("checker"), drawdown=first, version=world.case.version)
    signature = ReleaseSignature.objects.get(drawdown=first)
    assert (signature.factor, signature.factor_class, signature.assertion) == ("totp", "B", None)
    second = prepared(world)
    with pytest.raises(Refused, match="use a passkey"):
        services.payment_release(actor=world.actor("checker"), drawdown=second, version=world.case.version)
    assert Drawdown.objects.get(pk=second.pk).state == DrawdownState.PREPARED
    assert release(world, second, enrolled(world.accounts["checker"])).state == DrawdownState.RELEASED


ATTACKS: dict[str, Any] = {
    "over another payment": lambda world, mine, other, soft: release(
        world, mine, soft, answer=soft.signs(bytes.fromhex(release_prepare(checker(world), other).decision.fingerprint))
    ),
    "on the page of another payment": lambda world, mine, other, soft: release(
        world, mine, soft, **_page_of(world, other, soft)
    ),
    "unverified": lambda world, mine, other, soft: release(
        world, mine, soft, **_page_of(world, mine, soft, flags=PRESENT)
    ),
    "without the page": lambda world, mine, other, soft: release(world, mine, soft, challenge="-"),
    "by the maker's own passkey": lambda world, mine, other, soft: release(
        world, mine, enrolled(world.accounts["maker"])
    ),
    "with no answer and a code an hour old": lambda world, mine, other, soft: release(world, mine, soft, answer=""),
}  # fmt: skip


def _page_of(world: World, drawdown: Drawdown, soft: Authenticator, **how: Any) -> dict[str, Any]:
    shown = release_prepare(checker(world), drawdown)
    return {"challenge": shown.challenge, "answer": soft.signs(bytes.fromhex(shown.decision.fingerprint), **how)}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_false_release_is_refused_and_pays_nothing(world: World, name: str) -> None:
    soft, mine, other = enrolled(world.accounts["checker"]), prepared(world), prepared(world)
    with pytest.raises(Refused):
        ATTACKS[name](world, mine, other, soft)
    assert not ReleaseSignature.objects.exists()
    assert {each.state for each in Drawdown.objects.filter(case=world.at)} == {DrawdownState.PREPARED}


@pytest.mark.parametrize("factor", [Factor.TOTP, Factor.PASSKEY])
def test_where_the_role_needs_a_passkey_no_factor_of_a_moment_ago_releases_without_it(
    world: World, factor: Factor
) -> None:
    drawdown = prepared(world)
    actor = dataclasses.replace(world.actor("checker"), needs_passkey=True, factor=factor)
    shown = release_prepare(actor, drawdown)
    for challenge in ("", shown.challenge):
        with pytest.raises(Refused) as refused:
            services.payment_release(
                actor=actor, drawdown=drawdown, version=world.case.version, challenge=challenge
            )  # fmt: skip
        assert (refused.value.guard == "passkey_needed") is (factor is Factor.PASSKEY)
    assert not ReleaseSignature.objects.exists()


def test_a_release_for_another_says_so_and_is_not_signed_on_a_page_of_ones_own(world: World) -> None:
    drawdown, own = prepared(world), world.actor("checker")
    deputy = dataclasses.replace(own, on_behalf_of=people.staff().person_id, on_behalf_name="absent")
    text = release_prepare(deputy, drawdown).decision.text
    assert json.loads(text)["on_behalf_of"] == deputy.on_behalf_of
    for opens, sends in ((own, deputy), (deputy, own)):
        with pytest.raises(Refused) as refused:
            services.payment_release(
                actor=sends, drawdown=drawdown, version=world.case.version,
                challenge=release_prepare(opens, drawdown).challenge,
            )  # fmt: skip
        assert refused.value.guard == "order_unchanged"
    assert not ReleaseSignature.objects.exists()


@pytest.mark.unrecorded
@pytest.mark.parametrize("column", ["drawdown", "order"])
def test_a_signature_put_under_another_payment_does_not_hold(world: World, column: str) -> None:
    released, other = prepared(world), prepared(world)
    services.payment_release(actor=world.actor("checker"), drawdown=released, version=world.case.version)
    assert {each.flaws for each in signoffs_checked()} == {()}
    ReleaseSignature._base_manager.filter(drawdown=released).update(
        **{column: other if column == "drawdown" else other.order}
    )
    assert {each.flaws for each in signoffs_checked()} == {(), ("binding",)}


def test_a_row_changed_between_page_and_click_releases_nothing(world: World) -> None:
    soft, drawdown = enrolled(world.accounts["checker"]), prepared(world)
    given = _page_of(world, drawdown, soft)
    with act(actor=people.SETUP):
        payee = drawdown.payee
        payee.bank_name = "Another bank"
        payee.save(update_fields=["bank_name"])
        record(Tag.BANK_ACCOUNT_VERIFIED, actor=people.SETUP, subject=payee)
    with pytest.raises(Refused, match="has changed since") as refused:
        release(world, drawdown, soft, **given)
    assert refused.value.guard == "order_unchanged"


def test_a_signed_release_is_not_released_twice(world: World) -> None:
    soft, drawdown = enrolled(world.accounts["checker"]), prepared(world)
    given = _page_of(world, drawdown, soft)
    version = world.case.version
    release(world, drawdown, soft, **given)
    for again in (given, _page_of(world, drawdown, soft)):
        with pytest.raises((Refused, Stale)):
            release(world, drawdown, soft, version=version, **again)
    assert ReleaseSignature.objects.count() == 1


def test_a_role_withdrawn_between_page_and_click_releases_nothing(world: World) -> None:
    soft, drawdown = enrolled(world.accounts["checker"]), prepared(world)
    given = _page_of(world, drawdown, soft)
    with pytest.raises(Refused):
        services.payment_release(
            actor=dataclasses.replace(checker(world), held=()), drawdown=drawdown, version=world.case.version, **given
        )  # fmt: skip
    assert not ReleaseSignature.objects.exists()


def test_the_page_asks_for_a_signature_over_the_fingerprint_that_it_shows(world: World, client: Client) -> None:
    limited(world, 1)
    soft, drawdown = enrolled(world.accounts["checker"]), prepared(world)
    people.signed_in(here(client), world.accounts["checker"])
    url = reverse("disbursement:release", args=[world.case.number, drawdown.pk])
    page = client.get(url)
    challenge = ceremony.base64url_to_bytes(json.loads(page.context["passkey"].options)["challenge"])
    assert challenge.hex() in page.content.decode()
    assert "use a passkey for this amount" in page.content.decode()
    typed = {"version": world.case.version, "challenge": page.context["signing"].challenge}
    by_code = client.post(url, typed)
    assert by_code.status_code == 403
    anew = client.get(url).context
    typed["challenge"] = anew["signing"].challenge
    typed["passkey_answer"] = soft.signs(ceremony.base64url_to_bytes(json.loads(anew["passkey"].options)["challenge"]))
    assert client.post(url, typed).status_code == 302
    assert ReleaseSignature.objects.get(drawdown=drawdown).factor_class == "A"
