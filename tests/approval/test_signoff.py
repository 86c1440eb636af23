"""Decisions signed with a passkey: what is kept, and every way in which a signature may be false."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Account, Passkey
from apps.accounts.passkeys import ceremony
from apps.accounts.services.passkeys import passkey_retire
from apps.approval import services
from apps.approval.models import Policy, Signature, SpentNonce
from apps.approval.selectors import sign_prepare
from apps.approval.signoff import code_suffices, passkey_lines
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused, Stale
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.accounts.authenticator import PRESENT, Authenticator, altered, flipped
from tests.accounts.log import count, newest
from tests.accounts.test_passkeys import enrolled, here
from tests.applications.factories import again
from tests.approval.factories import ONE, TWO, approver_account, policy, stale
from tests.collateral.factories import case_confirmed
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """Cases in approval: one that a one-time code may sign, one that it may not, one that two people sign."""

    small: LoanCase
    large: LoanCase
    both: LoanCase


def build() -> World:
    """One-time codes sign up to 150,000."""
    policy((100_000, (ONE,)), (250_000, (ONE,)), (300_000, (ONE, TWO)), totp_up_to=Decimal(150_000))
    amounts = [Decimal(90_000), Decimal(200_000), Decimal(290_000)]
    return World(*[again(case_confirmed(amount=amount)) for amount in amounts])


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@dataclass
class Signer:
    """An approver with a passkey."""

    account: Account
    soft: Authenticator

    @property
    def actor(self) -> Actor:
        """The approver, whose last factor is an hour old: the passkey alone has to do."""
        return people.actor_for(self.account, fresh=False)

    def sign(self, case: LoanCase, **changed: Any) -> LoanCase:
        """Sign what the page shows; ``changed`` are arguments in place of the true ones."""
        now = again(case)
        decision, challenge = sign_prepare(self.actor, now)
        given: dict[str, Any] = {"challenge": challenge, "version": now.version, **changed}
        if "answer" not in given:
            given["answer"] = self.soft.signs(bytes.fromhex(decision.fingerprint))
        return services.memo_sign(actor=self.actor, case=now, **given)


def signer(level: str = ONE) -> Signer:
    """A new approver with a passkey."""
    account = approver_account(level)
    return Signer(account, enrolled(account))


def nothing_signed(case: LoanCase) -> None:
    """See that the case stands where it stood."""
    assert not Signature.objects.filter(case=case, voided_at=None).exists()
    assert again(case).state == "approval"


def test_a_passkey_signs_what_a_code_may_not(world: World) -> None:
    someone = signer()
    with pytest.raises(Refused, match="use a passkey"):
        services.memo_sign(
            actor=people.actor_for(someone.account), case=world.large, version=world.large.version,
            challenge=sign_prepare(someone.actor, world.large)[1],
        )  # fmt: skip
    assert someone.sign(world.large).state == "offered"


def test_everything_is_kept_that_proves_who_signed_what(world: World) -> None:
    someone = signer()
    someone.sign(world.small)
    signature = Signature.objects.select_related("assertion__passkey").get(case=world.small)
    held = signature.assertion
    assert held is not None
    assert (signature.factor_class, signature.factor, held.challenge) == ("A", "passkey", signature.fingerprint)
    client = json.loads(ceremony.base64url_to_bytes(held.client_data))
    assert ceremony.base64url_to_bytes(client["challenge"]).hex() == signature.fingerprint
    passkey = Passkey.objects.get(user=someone.account)
    assert (held.key, held.algorithm, held.passkey) == (passkey.key, passkey.algorithm, passkey)
    told = newest(Tag.DECISION_SIGNED)
    assert told["factor"] == "passkey"
    assert told["case"] == world.small.number
    assert told["note"]["signoff"] == {
        "class": "A", "decision": signature.decision, "passkey": object_key(passkey), "key": held.key,
        "algorithm": held.algorithm, "client_data": held.client_data, "authenticator_data": held.authenticator_data,
        "signature": held.signature,
    }  # fmt: skip


def test_a_code_signs_as_class_b_and_the_log_says_so(world: World) -> None:
    account = approver_account(ONE)
    actor, case = people.actor_for(account), again(world.small)
    services.memo_sign(actor=actor, case=case, version=case.version, challenge=sign_prepare(actor, case)[1])
    signature = Signature.objects.get(case=case)
    assert newest(Tag.DECISION_SIGNED)["note"]["signoff"] == {"class": "B", "decision": signature.decision}


Attack = Callable[[Signer, World], Any]


def _over(someone: Signer, case: LoanCase, build: Callable[[bytes], str]) -> Any:
    decision, challenge = sign_prepare(someone.actor, case)
    return someone.sign(case, challenge=challenge, answer=build(bytes.fromhex(decision.fingerprint)))


def _replayed(someone: Signer, world: World) -> Any:
    decision, challenge = sign_prepare(someone.actor, world.both)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    with pytest.raises(Stale):
        someone.sign(world.both, challenge=challenge, answer=answer, version=world.both.version + 9)
    someone.sign(world.both, challenge=challenge, answer=answer)


def _of_another_case(someone: Signer, world: World) -> Any:
    decision, _challenge = sign_prepare(someone.actor, world.large)
    someone.sign(world.small, answer=someone.soft.signs(bytes.fromhex(decision.fingerprint)))


def _page_of_another_case(someone: Signer, world: World) -> Any:
    decision, challenge = sign_prepare(someone.actor, world.large)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    someone.sign(world.small, challenge=challenge, answer=answer)


def _expired(someone: Signer, world: World) -> Any:
    decision, challenge = sign_prepare(someone.actor, world.small)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        someone.sign(world.small, challenge=challenge, answer=answer)


def _counter(someone: Signer, world: World) -> Any:
    someone.sign(world.both)
    other = signer(TWO)
    other.soft.count = 5
    other.sign(world.small)
    other.soft.count = 2
    other.sign(world.both)


def _bit(part: str) -> Attack:
    def attack(someone: Signer, world: World) -> Any:
        def build(challenge: bytes) -> str:
            answer = someone.soft.signs(challenge)
            return altered(answer, **{part: flipped(json.loads(answer)["response"][part])})

        return _over(someone, world.small, build)

    return attack


def _revoked(someone: Signer, world: World) -> Any:
    held = Passkey.objects.get(user=someone.account)
    passkey_retire(actor=people.actor_for(someone.account), account=someone.account, uuid=held.uuid)
    someone.sign(world.small)


def _signed(build: Callable[[Signer, bytes], str]) -> Attack:
    return lambda someone, world: _over(someone, world.small, lambda challenge: build(someone, challenge))


ATTACKS: dict[str, tuple[Attack, str, str]] = {
    "replayed": (_replayed, "challenge", ""),
    "expired": (_expired, "challenge", ""),
    "over another case": (_of_another_case, "passkey", "challenge"),
    "on the page of another case": (_page_of_another_case, "memo_unchanged", ""),
    "by another person's passkey": (_signed(lambda _one, challenge: signer().soft.signs(challenge)), "passkey", "foreign"),
    "by a passkey nobody added": (_signed(lambda _one, challenge: Authenticator().signs(challenge)), "passkey", "foreign"),
    "by another key of the same name": (
        _signed(lambda one, challenge: Authenticator(credential=one.soft.credential).signs(challenge)), "passkey", "signature",
    ),
    "on another site": (
        _signed(lambda one, challenge: one.soft.signs(challenge, origin="https://loanflow.evil.test")), "passkey", "origin",
    ),
    "inside another site": (_signed(lambda one, challenge: one.soft.signs(challenge, crossOrigin=True)), "passkey", "origin"),
    "unverified": (_signed(lambda one, challenge: one.soft.signs(challenge, flags=PRESENT)), "passkey", "unverified"),
    "with a bit of the signature changed": (_bit("signature"), "passkey", "signature"),
    "with a bit of what the authenticator said changed": (_bit("authenticatorData"), "passkey", "signature"),
    "with a bit of what the browser said changed": (_bit("clientDataJSON"), "passkey", "malformed"),
    "as an answer to making a passkey": (_signed(lambda one, challenge: one.soft.makes(challenge)), "passkey", "malformed"),
    "by a copy whose counter is behind": (_counter, "passkey_counter", "counter"),
    "by a revoked passkey": (_revoked, "passkey", "foreign"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_false_signature_is_refused_recorded_and_signs_nothing(world: World, name: str) -> None:
    attack, guard, why = ATTACKS[name]
    before = Signature.objects.count()
    with pytest.raises(Refused) as refused:
        attack(signer(), world)
    assert refused.value.guard == guard
    for case in (world.small, world.large) if name != "by a copy whose counter is behind" else (world.large,):
        nothing_signed(case)
    if why:
        assert newest(Tag.FACTOR_FAILED)["note"]["why"] == why
        assert newest(Tag.FACTOR_FAILED)["outcome"] == "refused"
    assert Signature.objects.count() - before <= 2, "what the attack itself had signed rightly stands"


def test_the_nonce_is_spent_before_the_answer_is_looked_at(world: World) -> None:
    someone = signer()
    with pytest.raises(Refused):
        someone.sign(world.small, answer="{}")
    assert SpentNonce.objects.count() == 1
    assert count(Tag.NONCE_SPENT) >= 1


def test_of_two_signatures_at_once_one_is_told_to_look_again(world: World) -> None:
    first, second = signer(ONE), signer(TWO)
    version = world.both.version
    decision, challenge = sign_prepare(second.actor, world.both)
    answer = second.soft.signs(bytes.fromhex(decision.fingerprint))
    first.sign(world.both)
    with pytest.raises(Stale):
        second.sign(world.both, challenge=challenge, answer=answer, version=version)
    assert second.sign(world.both).state == "offered"


def test_a_role_withdrawn_between_page_and_click_signs_nothing(world: World) -> None:
    someone, case = signer(), again(world.small)
    decision, challenge = sign_prepare(someone.actor, case)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    with pytest.raises(Refused):
        services.memo_sign(
            actor=dataclasses.replace(someone.actor, held=()), case=case, version=case.version, challenge=challenge,
            answer=answer,
        )  # fmt: skip
    nothing_signed(case)


def test_an_account_suspended_between_page_and_click_signs_nothing(world: World) -> None:
    someone, case = signer(), again(world.small)
    actor = someone.actor
    decision, challenge = sign_prepare(actor, case)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    people.people.account_suspend(actor=people.SETUP, account=someone.account, reason="left")
    with pytest.raises(Refused):
        services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge, answer=answer)
    nothing_signed(case)


@pytest.mark.unrecorded
@pytest.mark.parametrize(
    "columns", [{"factor_class": "A"}, {"factor_class": "A", "factor": "passkey"}, {"factor_class": "C"}]
)
def test_the_database_itself_takes_no_class_a_without_its_proof(world: World, columns: dict[str, str]) -> None:
    account = approver_account(ONE)
    actor, case = people.actor_for(account), again(world.small)
    services.memo_sign(actor=actor, case=case, version=case.version, challenge=sign_prepare(actor, case)[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature._base_manager.filter(case=case).update(**columns)


def test_whose_role_needs_a_passkey_signs_with_it_and_not_by_having_used_it(world: World) -> None:
    someone, case = signer(), again(world.small)
    at = {"factor": Factor.PASSKEY, "factor_at": clock.now(), "needs_passkey": True}
    actor = dataclasses.replace(someone.actor, **at)
    with pytest.raises(Refused) as refused:
        services.memo_sign(actor=actor, case=case, version=case.version, challenge=sign_prepare(actor, case)[1])
    assert refused.value.guard == "passkey_needed"
    nothing_signed(case)
    decision, challenge = sign_prepare(actor, case)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    moved = services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge, answer=answer)
    assert moved.state == "offered"


@pytest.mark.parametrize("opened_as", ["oneself", "deputy"])
def test_a_page_opened_in_ones_own_name_is_not_signed_in_anothers_nor_the_reverse(world: World, opened_as: str) -> None:
    someone, case, principal = signer(), again(world.small), approver_account(ONE)
    own = people.actor_for(someone.account)
    deputy = dataclasses.replace(
        own, on_behalf_of=principal.person_id, on_behalf_name=principal.handle, most=Decimal(10**9)
    )
    opens, sends = (own, deputy) if opened_as == "oneself" else (deputy, own)
    decision, challenge = sign_prepare(opens, case)
    assert json.loads(decision.text).get("on_behalf_of") == (opens.on_behalf_of or None)
    with pytest.raises(Refused) as refused:
        services.memo_sign(
            actor=sends, case=case, version=case.version, challenge=challenge,
            answer=someone.soft.signs(bytes.fromhex(decision.fingerprint)),
        )  # fmt: skip
    assert refused.value.guard == "memo_unchanged"
    nothing_signed(case)


@pytest.mark.parametrize(
    ("most", "currency", "suffices"),
    [(None, "CNY", True), (None, "JPY", True), (100, "CNY", True), (99, "CNY", False), (100, "JPY", False), (99, "JPY", False)],
)  # fmt: skip
def test_a_code_suffices_in_the_policys_currency_only(most: int | None, currency: str, suffices: bool) -> None:
    rules = Policy(currency="CNY", totp_up_to=None if most is None else Decimal(most))
    assert code_suffices(rules, Decimal(100), currency) is suffices
    assert (passkey_lines(rules, Decimal(100), currency, "B") == []) is suffices
    assert passkey_lines(rules, Decimal(100), currency, "A") == []


# --- the page ---


def sign_page(client: Client, case: LoanCase) -> Any:
    """The sign page of a case at the name that passkeys are bound to."""
    return here(client).get(reverse("approval:sign", args=[case.number]))


def test_the_page_asks_for_a_signature_over_the_fingerprint_that_it_shows(world: World, client: Client) -> None:
    someone = signer()
    people.signed_in(client, someone.account)
    page = sign_page(client, world.large)
    options, shown = json.loads(page.context["passkey"].options), page.context["shown"]
    challenge = ceremony.base64url_to_bytes(options["challenge"])
    assert challenge.hex() == shown.decision.fingerprint
    assert shown.decision.fingerprint in page.content.decode()
    assert options["userVerification"] == "required"
    assert not shown.by_code
    assert 'name="one_time_code"' not in page.content.decode()
    sent = {
        "challenge": shown.challenge, "version": again(world.large).version, "comment": "Sound.",
        "passkey_answer": someone.soft.signs(challenge),
    }  # fmt: skip
    key = client.session.session_key
    answer = client.post(reverse("approval:sign", args=[world.large.number]), sent)
    assert answer.status_code == 302
    assert client.session.session_key != key, "the session was stepped up: its key changes"
    signature = Signature.objects.get(case=world.large)
    assert (signature.factor_class, signature.comment.reveal()) == ("A", "Sound.")
    assert "class A" in client.get(reverse("approval:memo", args=[world.large.number])).content.decode()


def test_a_false_answer_keeps_the_comment_and_shows_a_new_fingerprint(world: World, client: Client) -> None:
    someone = signer()
    people.signed_in(client, someone.account)
    shown = sign_page(client, world.small).context["shown"]
    sent = {
        "challenge": shown.challenge,
        "version": again(world.small).version,
        "comment": "Kept.",
        "passkey_answer": "{}",
    }
    answer = client.post(reverse("approval:sign", args=[world.small.number]), sent)
    assert answer.status_code == 403
    assert "Kept." in answer.content.decode()
    assert answer.context["shown"].decision.fingerprint != shown.decision.fingerprint
    nothing_signed(world.small)


def test_an_answer_over_nothing_takes_no_other_step_past_the_factor(world: World, client: Client) -> None:
    someone = signer()
    with clock.at(clock.now() - dt.timedelta(minutes=10)):
        people.signed_in(here(client), someone.account)
    answer = client.post(reverse("approval:decline", args=[world.small.number]), {"passkey_answer": "x"})
    assert "Confirm it is you" in answer.content.decode()
    nothing_signed(world.small)


def test_who_has_no_passkey_is_told_where_to_add_one(world: World, client: Client) -> None:
    people.signed_in(client, approver_account(ONE))
    page = sign_page(client, world.large).content.decode()
    assert reverse("accounts:passkey_add") in page
    assert "this needs a passkey" in page


def test_a_stale_code_is_asked_for_anew_but_a_passkey_needs_nothing_before(world: World) -> None:
    someone = signer()
    assert not stale(someone.actor).is_fresh(clock.now())
    assert someone.sign(world.small).state == "offered"
    told = newest(Tag.DECISION_SIGNED)
    assert (told["factor"], told.get("factor_age_s", 0)) == (Factor.PASSKEY, 0)
