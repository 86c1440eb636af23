"""Every stored signature is checked again, and whatever was changed behind the house's back is named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Passkey, PasskeyAssertion
from apps.accounts.passkeys import ceremony
from apps.accounts.passkeys.checking import flaw_of
from apps.accounts.services.passkey_standing import flaws_in_log
from apps.accounts.services.passkeys import passkeys_retire_all
from apps.approval import decisions
from apps.approval.models import DecisionMemo, Signature
from apps.approval.selectors import sign_prepare
from apps.approval.selectors.signoffs import signoffs_checked
from apps.approval.services import memo_sign
from apps.audit.canonical import moment
from apps.core import clock
from tests.accounts import factories as people
from tests.accounts.authenticator import EDDSA, ES256, PRESENT, RS256, Authenticator, flipped, text
from tests.applications.factories import again
from tests.approval.factories import ONE, TWO, approver_account
from tests.approval.test_signoff import World, build, signer
from tests.worlds import once_a_module

world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db, pytest.mark.unrecorded]


@pytest.fixture(autouse=True)
def both_classes(world: World) -> None:
    """One signature of each class."""
    signer().sign(world.large)
    actor, case = people.actor_for(approver_account(ONE)), again(world.small)
    memo_sign(actor=actor, case=case, version=case.version, challenge=sign_prepare(actor, case)[1])


def flaws() -> set[str]:
    """All that is wrong with any."""
    return {flaw for each in signoffs_checked() for flaw in each.flaws}


def test_all_that_was_signed_rightly_holds() -> None:
    out = io.StringIO()
    call_command("signoffs_verify", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"hold": {"A": 1, "B": 1}, "broken": {}}
    out = io.StringIO()
    call_command("signoffs_verify", stdout=out)
    assert "1 signatures of class A (passkey) hold, 1 of class B" in out.getvalue()


def _assertion(**columns: Any) -> Callable[[], object]:
    return lambda: PasskeyAssertion._base_manager.update(**columns)


def _signature(**columns: Any) -> Callable[[], object]:
    return lambda: Signature._base_manager.filter(factor_class="A").update(**columns)


def _decision(before: str, after: str) -> Callable[[], object]:
    def change() -> None:
        held = Signature.objects.get(factor_class="A")
        assert before in held.decision
        Signature._base_manager.filter(pk=held.pk).update(decision=held.decision.replace(before, after))

    return change


def _flipped(part: str) -> Callable[[], object]:
    def change() -> None:
        held = PasskeyAssertion.objects.get()
        PasskeyAssertion._base_manager.update(**{part: flipped(getattr(held, part))})

    return change


def _another_passkey() -> None:
    other = signer()
    PasskeyAssertion._base_manager.update(passkey=Passkey.objects.get(user=other.account))


def _both_keys() -> None:
    Passkey._base_manager.update(key="AAAA")
    PasskeyAssertion._base_manager.update(key="AAAA")


def _moved(**columns: Any) -> None:
    Signature._base_manager.filter(factor_class="A").update(**columns)


def _revoked() -> None:
    held = Passkey.objects.get()
    passkeys_retire_all(actor=people.SETUP, account=held.user, reason="officer")
    _moved(signed_at=clock.now() + dt.timedelta(seconds=1))


def _memo(**columns: Any) -> None:
    held = Signature.objects.get(factor_class="A")
    DecisionMemo._base_manager.filter(pk=held.memo_id).update(**columns)


TAMPERED: dict[str, tuple[Callable[[], object], set[str]]] = {
    "another amount": (_decision("200000.00", "900000.00"), {"fingerprint", "event"}),
    "spelled otherwise": (_decision('{"account"', '{ "account"'), {"spelling", "fingerprint", "event"}),
    "no JSON": (_signature(decision="{"), {"decision"}),
    "another person": (_signature(person=1), {"signer"}),
    "another fingerprint": (_signature(fingerprint="0" * 64), {"fingerprint", "challenge", "passkey"}),
    "a signature of class B made one of A's": (
        lambda: Signature._base_manager.filter(factor_class="A").update(factor_class="B", assertion=None), {"event"},
    ),
    "of another case": (lambda: _moved(case=Signature.objects.get(factor_class="B").case), {"binding"}),
    "of another memo": (lambda: _moved(memo=Signature.objects.get(factor_class="B").memo), {"binding"}),
    "of another level": (_signature(level="approver_3"), {"binding"}),
    "of a memo that was frozen otherwise": (lambda: _memo(digest="0" * 64), {"binding"}),
    "for somebody else": (_decision('"case"', '"on_behalf_of":9,"case"'), {"spelling", "fingerprint", "event"}),
    "after the passkey was revoked": (_revoked, {"revoked"}),
    "before the passkey might sign": (lambda: _moved(signed_at=clock.now() - dt.timedelta(hours=1)), {"time", "young"}),
    "a bit of the signature": (_flipped("signature"), {"signature", "event"}),
    "a bit of the authenticator's data": (_flipped("authenticator_data"), {"signature", "event"}),
    "another key": (_assertion(key="AAAA"), {"malformed", "passkey", "event"}),
    "another's passkey": (_another_passkey, {"passkey", "event", "young"}),
    "another key of the passkey as well": (_both_keys, {"malformed", "event", "enrolment"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_named(name: str) -> None:
    change, expected = TAMPERED[name]
    change()
    assert flaws() == expected
    with pytest.raises(CommandError, match="1 signatures do not hold"):
        call_command("signoffs_verify", stdout=io.StringIO())


def test_a_signature_for_another_holds_only_with_the_event_that_names_them(world: World) -> None:
    case = again(world.both)
    principal, someone = approver_account(ONE), signer(TWO)
    deputy = dataclasses.replace(
        people.actor_for(someone.account), on_behalf_of=principal.person_id, on_behalf_name=principal.handle,
        most=Decimal(10**9),
    )  # fmt: skip
    decision, challenge = sign_prepare(deputy, case)
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    memo_sign(actor=deputy, case=case, version=case.version, challenge=challenge, answer=answer)
    row = Signature.objects.get(case=case)
    assert json.loads(row.decision)["on_behalf_of"] == principal.person_id
    assert flaws() == set()


@pytest.mark.parametrize(("host", "flaws"), [("localhost", []), ("evil.test", ["host"]), ("", ["host"])])
def test_a_signature_holds_on_the_host_that_the_passkey_was_added_on(host: str, flaws: list[str]) -> None:
    held = Passkey.objects.get()
    assert flaws_in_log(held, moment(clock.now()), hashlib.sha256(host.encode()).digest()) == flaws


def test_a_decision_that_names_another_than_the_event_does_not_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "for_whom", lambda _actor: {"on_behalf_of": 999_999})
    signer(TWO).sign(world.both)
    assert flaws() == {"deputy"}


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_kind_of_key_is_checked_from_what_was_stored_alone(algorithm: int) -> None:
    soft, challenge = Authenticator(algorithm), bytes(range(32))
    key = ceremony.made(soft.makes(challenge), challenge).key
    answer = ceremony.proved(soft.signs(challenge), challenge, text(soft.cose()))
    kept = {
        "key": key, "client_data": answer.client_data, "authenticator_data": answer.authenticator_data,
        "signature": answer.signature,
    }  # fmt: skip
    assert flaw_of(challenge=challenge, **kept) == ""
    assert flaw_of(challenge=bytes(32), **kept) == "challenge"
    assert flaw_of(challenge=challenge, **{**kept, "signature": flipped(answer.signature)}) == "signature"
    assert flaw_of(challenge=challenge, **{**kept, "key": ""}) == "malformed"


@pytest.mark.parametrize(
    ("how", "flaw"),
    [
        ({"origin": "https://evil.test"}, "origin"),
        ({"crossOrigin": True}, "origin"),
        ({"type": "webauthn.create"}, "challenge"),
        ({"flags": PRESENT}, "unverified"),
    ],
)
def test_a_stored_assertion_that_says_something_else_does_not_hold(how: dict[str, Any], flaw: str) -> None:
    soft, challenge = Authenticator(), bytes(32)
    key = ceremony.made(soft.makes(challenge), challenge).key
    response = json.loads(soft.signs(challenge, **how))["response"]
    found = flaw_of(
        challenge=challenge, key=key, client_data=response["clientDataJSON"],
        authenticator_data=response["authenticatorData"], signature=response["signature"],
    )  # fmt: skip
    assert found == flaw
