"""Passkeys: added, used to sign in and to step up, revoked; and every way in which an answer may be false."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from apps.access.roles import ROLE_TABLE, Role
from apps.access.services import people as access
from apps.accounts import selectors
from apps.accounts.models import Account, Passkey, SpentChallenge
from apps.accounts.passkeys import ceremony
from apps.accounts.passkeys.asking import works_at
from apps.accounts.passkeys.ceremony import Untrue
from apps.accounts.services import passkeys
from apps.accounts.services.enrolment import device_confirm, device_prepare
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Factor
from apps.core.errors import BadInput, LoanFlowError, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.authenticator import (
    EDDSA,
    ES256,
    PRESENT,
    RS256,
    VERIFIED,
    Authenticator,
    altered,
    flipped,
    text,
)
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
CHALLENGE = bytes(range(32))


def enrolled(
    owner: Account, soft: Authenticator | None = None, name: str = "work laptop", session: str = "test"
) -> Authenticator:
    """Give an account a passkey: the first with a code, the next with the first."""
    made = soft or Authenticator()
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    actor = by(owner, Factor.PASSKEY if selectors.passkeys_of(owner) else Factor.TOTP)
    passkeys.passkey_enrol(
        actor=dataclasses.replace(actor, session=session), account=owner, name=name, challenge=sealed, answer=made.makes(challenge)
    )  # fmt: skip
    return made


def proof(owner: Account, answer: Callable[[bytes], str], sealed_for: Account | None = None) -> Any:
    """What proving by an answer needs."""
    challenge, sealed = passkeys.challenge_seal(sealed_for or owner, "prove")
    return {
        "actor": factories.actor_for(owner, fresh=False),
        "account": owner,
        "challenge": sealed,
        "answer": answer(challenge),
    }


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_kind_of_key_is_added_and_proves(algorithm: int) -> None:
    owner = factories.staff()
    soft = enrolled(owner, Authenticator(algorithm))
    passkeys.passkey_prove(**proof(owner, soft.signs))
    held = Passkey.objects.get(user=owner)
    assert (held.name, held.algorithm, held.sign_count) == ("work laptop", algorithm, 1)
    told = newest(Tag.FACTOR_ADDED)
    assert told["note"]["key"] == held.key
    assert told["note"]["credential"] == held.credential
    assert newest(Tag.FACTOR_PROVED)["factor"] == "passkey"


FALSE: dict[str, tuple[Callable[[Authenticator, bytes], str], str]] = {
    "of another challenge": (lambda soft, challenge: soft.signs(bytes(32)), "challenge"),
    "of another page's origin": (lambda soft, challenge: soft.signs(challenge, origin="https://localhost.evil.test"), "origin"),
    "of an address of digits": (lambda soft, challenge: soft.signs(challenge, origin="http://127.0.0.1:8000"), "origin"),
    "of a page inside another's": (lambda soft, challenge: soft.signs(challenge, crossOrigin=True), "origin"),
    "of another kind": (lambda soft, challenge: soft.signs(challenge, type="webauthn.create"), "malformed"),
    "of nobody verified": (lambda soft, challenge: soft.signs(challenge, flags=PRESENT), "unverified"),
    "of nobody present": (lambda soft, challenge: soft.signs(challenge, flags=VERIFIED), "absent"),
    "of another host": (lambda soft, challenge: dataclasses.replace(soft, host="evil.test").signs(challenge), "host"),
    "signed by another key": (lambda soft, challenge: Authenticator(credential=soft.credential).signs(challenge), "signature"),
    "of a passkey nobody knows": (lambda soft, challenge: Authenticator().signs(challenge), "foreign"),
    "that is no JSON": (lambda soft, challenge: "{", "malformed"),
    "that is a list": (lambda soft, challenge: "[1]", "malformed"),
    "that is too long": (lambda soft, challenge: json.dumps({"id": "x" * 30_000}), "malformed"),
    "without a signature": (lambda soft, challenge: altered(soft.signs(challenge), signature=""), "signature"),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_false_answer_is_refused_and_recorded(name: str) -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    build, why = FALSE[name]
    with pytest.raises(Refused) as refused:
        passkeys.passkey_prove(**proof(owner, lambda challenge: build(soft, challenge)))
    assert refused.value.guard == "passkey"
    told = newest(Tag.FACTOR_FAILED)
    assert (told["outcome"], told["guard"], told["note"]["why"]) == ("refused", "passkey", why)
    assert Passkey.objects.get(user=owner).last_used_at is None


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
def test_an_answer_changed_by_one_bit_is_refused(part: str) -> None:
    owner = factories.staff()
    soft = enrolled(owner)

    def changed(challenge: bytes) -> str:
        answer = soft.signs(challenge)
        return altered(answer, **{part: flipped(json.loads(answer)["response"][part])})

    with pytest.raises(Refused):
        passkeys.passkey_prove(**proof(owner, changed))
    assert count(Tag.FACTOR_FAILED, "refused") == 1


@given(st.binary(max_size=80), st.sampled_from(["signature", "authenticatorData", "clientDataJSON"]))
def test_no_bytes_in_an_answer_raise_anything_but_untrue(junk: bytes, part: str) -> None:
    soft = Authenticator()
    with pytest.raises(Untrue):
        ceremony.proved(altered(soft.signs(CHALLENGE), **{part: text(junk)}), CHALLENGE, text(soft.cose()))


@given(st.text(max_size=200))
def test_no_text_raises_anything_but_untrue(junk: str) -> None:
    with pytest.raises(Untrue):
        ceremony.made(junk, CHALLENGE)
    with pytest.raises(Untrue):
        ceremony.credential_of(junk)


def test_another_persons_passkey_proves_nothing_for_oneself() -> None:
    one, other = factories.staff(), factories.staff()
    soft = enrolled(other)
    enrolled(one)
    with pytest.raises(Refused):
        passkeys.passkey_prove(**proof(one, soft.signs))
    assert newest(Tag.FACTOR_FAILED)["note"]["why"] == "foreign"


@pytest.mark.unrecorded
@pytest.mark.parametrize("columns", [{"key": "AAAA"}, {"user": None}, {"pk": None}])
def test_a_passkey_put_into_the_table_behind_the_log_proves_nothing(columns: dict[str, Any]) -> None:
    owner, other = factories.staff(), factories.staff()
    soft = enrolled(other)
    held = Passkey.objects.get(user=other)
    if "pk" in columns:
        soft = Authenticator(credential=b"x" * 32)
        name = text(soft.credential)
        digest = hashlib.sha256(name.encode()).hexdigest()
        row = Passkey(user=owner, name="mine", credential=name, credential_digest=digest, key=held.key, algorithm=ES256)
        row.cose = text(soft.cose())
        Passkey._base_manager.bulk_create([row])
    else:
        Passkey._base_manager.filter(pk=held.pk).update(**{"user": owner} if "user" in columns else columns)
        owner = owner if "user" in columns else other
    with pytest.raises(Refused):
        passkeys.passkey_prove(**proof(owner, soft.signs))
    assert newest(Tag.FACTOR_FAILED)["note"]["why"] == "unrecorded"


def test_its_owner_is_told_that_a_passkey_was_added(
    mailoutbox: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    owner = factories.staff()
    with django_capture_on_commit_callbacks(execute=True):
        enrolled(owner)
    assert [each.subject for each in mailoutbox] == ["LoanFlow: a passkey was added to your account"]
    assert mailoutbox[0].to == [owner.person.email.reveal()]
    assert owner.handle in mailoutbox[0].body


def by(owner: Account, factor: Factor) -> Any:
    """The owner, who has just proved a factor."""
    return dataclasses.replace(factories.actor_for(owner), factor=factor)


def aged() -> Account:
    """Somebody who has been here for a year: nothing of theirs is part of setting up the account."""
    with clock.at(clock.now() - dt.timedelta(days=365)):
        return factories.staff()


def added(owner: Account, factor: Factor) -> Authenticator:
    """Add a passkey by a factor proved just now."""
    soft = Authenticator()
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    passkeys.passkey_enrol(
        actor=by(owner, factor), account=owner, name="x", challenge=sealed, answer=soft.makes(challenge)
    )  # fmt: skip
    return soft


@pytest.mark.parametrize(
    ("there", "factor", "may"),
    [
        (False, Factor.TOTP, True), (False, Factor.RECOVERY, True), (False, Factor.NONE, False),
        (True, Factor.TOTP, False), (True, Factor.PASSKEY, True), (True, Factor.RECOVERY, True),
    ],
)  # fmt: skip
def test_only_the_first_passkey_is_added_with_a_code(there: bool, factor: Factor, may: bool) -> None:
    owner = factories.staff()
    if there:
        enrolled(owner)
    if may:
        added(owner, factor)
        assert len(selectors.passkeys_of(owner)) == (2 if factor is Factor.PASSKEY else 1), "a recovery revokes"
        return
    with pytest.raises(StepUpNeeded):
        added(owner, factor)
    assert len(selectors.passkeys_of(owner)) == there


def signing(owner: Account, soft: Authenticator) -> bool:
    """Tell whether a passkey may sign a decision now."""
    try:
        passkeys.assertion_take(
            actor=factories.actor_for(owner, fresh=False), challenge=CHALLENGE, answer=soft.signs(CHALLENGE)
        )  # fmt: skip
    except Refused:
        return newest(Tag.FACTOR_FAILED)["guard"] != "passkey_young"
    return True


@pytest.mark.parametrize("factor", [Factor.TOTP, Factor.RECOVERY])
def test_a_passkey_that_a_code_has_added_steps_up_at_once_and_signs_a_day_later(factor: Factor) -> None:
    owner = aged()
    soft, start = added(owner, factor), clock.now()
    passkeys.passkey_prove(**proof(owner, soft.signs))
    assert not signing(owner, soft)
    for hours, signs in ((23, False), (25, True)):
        with clock.at(start + dt.timedelta(hours=hours)):
            assert signing(owner, soft) is signs


def test_one_added_with_a_passkey_signs_no_sooner_than_that_one() -> None:
    owner = aged()
    young = added(owner, Factor.TOTP)
    second = added(owner, Factor.PASSKEY)
    assert not signing(owner, second), "a chain of passkeys is as old as its first"
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        third = added(owner, Factor.PASSKEY)
        assert all(signing(owner, each) for each in (young, second, third))


def test_the_first_one_of_a_new_account_signs_at_once_but_not_after_another_was_revoked() -> None:
    owner = factories.staff()
    assert signing(owner, added(owner, Factor.TOTP))
    passkeys.passkey_retire(actor=by(owner, Factor.TOTP), account=owner, uuid=Passkey.objects.get(user=owner).uuid)
    assert not signing(owner, added(owner, Factor.TOTP))


def test_its_owner_is_told_that_a_passkey_was_revoked(
    mailoutbox: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    owner = factories.staff()
    enrolled(owner)
    with django_capture_on_commit_callbacks(execute=True):
        passkeys.passkey_retire(actor=by(owner, Factor.TOTP), account=owner, uuid=Passkey.objects.get(user=owner).uuid)
    assert [each.subject for each in mailoutbox] == ["LoanFlow: a passkey of your account was revoked"]


def test_adding_and_revoking_end_every_other_session() -> None:
    owner = factories.staff()
    own, other, third = (factories.signed_in(Client(), owner) for _each in range(3))
    actor = dataclasses.replace(factories.actor_for(owner), session=own.uuid.hex)
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    made = Authenticator().makes(challenge)
    passkey = passkeys.passkey_enrol(actor=actor, account=owner, name="x", challenge=sealed, answer=made)
    assert selectors.sessions_open(owner) == [own]
    late = factories.signed_in(Client(), owner)
    passkeys.passkey_retire(actor=actor, account=owner, uuid=passkey.uuid)
    assert selectors.sessions_open(owner) == [own]
    assert len({own.pk, other.pk, third.pk, late.pk}) == 4


def test_a_challenge_is_answered_once() -> None:
    owner = factories.staff()
    soft = enrolled(owner, Authenticator(counts=False))
    given_once = proof(owner, soft.signs)
    passkeys.passkey_prove(**given_once)
    with pytest.raises(Refused) as replayed:
        passkeys.passkey_prove(**given_once)
    assert replayed.value.guard == "challenge"


def test_a_false_answer_spends_its_challenge() -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    challenge, sealed = passkeys.challenge_seal(owner, "prove")
    asked: Any = {"actor": factories.actor_for(owner), "account": owner, "challenge": sealed}
    with pytest.raises(Refused):
        passkeys.passkey_prove(**asked, answer="{}")
    assert SpentChallenge.objects.filter(nonce=challenge.hex()).exists()
    with pytest.raises(Refused, match="used already"):
        passkeys.passkey_prove(**asked, answer=soft.signs(challenge))


@pytest.mark.parametrize("how", ["expired", "another's", "made up", "for another purpose"])
def test_a_challenge_counts_for_one_person_purpose_and_ten_minutes(how: str) -> None:
    owner, other = factories.staff(), factories.staff()
    soft = enrolled(owner)
    challenge, sealed = passkeys.challenge_seal(
        other if how == "another's" else owner, "enrol" if "purpose" in how else "prove"
    )
    sealed = "made:up" if how == "made up" else sealed
    later = clock.now() + dt.timedelta(minutes=11 if how == "expired" else 1)
    with clock.at(later), pytest.raises(Refused) as refused:
        passkeys.passkey_prove(
            actor=factories.actor_for(owner), account=owner, challenge=sealed, answer=soft.signs(challenge)
        )  # fmt: skip
    assert refused.value.guard == "challenge"


def test_a_counter_that_does_not_rise_is_refused_by_name() -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    copy = dataclasses.replace(soft)
    copy.key = soft.key
    passkeys.passkey_prove(**proof(owner, soft.signs))
    with pytest.raises(Refused) as refused:
        passkeys.passkey_prove(**proof(owner, copy.signs))
    assert refused.value.guard == "passkey_counter"
    assert newest(Tag.FACTOR_FAILED)["note"]["why"] == "counter"


def test_five_false_answers_lock_the_account_out() -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    for _each in range(5):
        with pytest.raises(Refused):
            passkeys.passkey_prove(**proof(owner, lambda _challenge: "{}"))
    with pytest.raises(Refused) as locked:
        passkeys.passkey_prove(**proof(owner, soft.signs))
    assert locked.value.guard == "locked"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda soft, challenge: soft.makes(challenge, flags=PRESENT), "malformed"),
        (lambda soft, challenge: soft.makes(challenge, origin="https://evil.test"), "origin"),
        (lambda soft, challenge: soft.makes(bytes(32)), "challenge"),
        (lambda soft, challenge: "{}", "malformed"),
    ],
)
def test_a_passkey_is_added_only_verified_here_and_now(made: Callable[[Authenticator, bytes], str], why: str) -> None:
    owner = factories.staff()
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    with pytest.raises(Refused):
        passkeys.passkey_enrol(
            actor=factories.actor_for(owner), account=owner, name="x", challenge=sealed,
            answer=made(Authenticator(), challenge),
        )  # fmt: skip
    assert not Passkey.objects.filter(user=owner).exists()
    assert newest(Tag.FACTOR_ADDED)["outcome"] == "refused"
    assert why in {newest(Tag.FACTOR_ADDED)["note"]["why"], "malformed"}


def test_a_passkey_belongs_to_one_account_once() -> None:
    one, other = factories.staff(), factories.staff()
    soft = enrolled(one)
    for owner in (one, other):
        with pytest.raises(Refused, match="known already"):
            enrolled(owner, soft)


@pytest.mark.parametrize(
    ("name", "kind"), [("", BadInput), (" ", BadInput), ("x" * 61, BadInput), ("a\0b", LoanFlowError)]
)
def test_a_passkey_needs_a_name_that_fits(name: str, kind: type[Exception]) -> None:
    owner = factories.staff()
    with pytest.raises(kind):
        enrolled(owner, name=name)
    assert not Passkey.objects.exists()


def test_nobody_adds_a_passkey_without_the_factor_before_it() -> None:
    owner, other = factories.staff(), factories.staff()
    for actor in (factories.actor_for(owner, fresh=False), factories.actor_for(other)):
        with pytest.raises(StepUpNeeded):
            passkeys.may_enrol(actor, owner)
    portal = factories.borrower_account()
    with pytest.raises(StepUpNeeded):
        passkeys.may_enrol(factories.actor_for(portal), portal)


def test_a_revoked_passkey_proves_nothing_and_anothers_is_not_there_to_revoke() -> None:
    owner, other = factories.staff(), factories.staff()
    soft, held = enrolled(owner), Passkey.objects.get(user=owner)
    with pytest.raises(NotVisible):
        passkeys.passkey_retire(actor=factories.actor_for(other), account=other, uuid=held.uuid)
    with pytest.raises(StepUpNeeded):
        passkeys.passkey_retire(actor=factories.actor_for(owner, fresh=False), account=owner, uuid=held.uuid)
    passkeys.passkey_retire(actor=factories.actor_for(owner), account=owner, uuid=held.uuid)
    assert selectors.passkeys_of(owner) == []
    with pytest.raises(Refused):
        passkeys.passkey_prove(**proof(owner, soft.signs))
    assert newest(Tag.FACTOR_RETIRED)["outcome"] == "done"


@pytest.mark.parametrize(("factor", "may"), [(Factor.TOTP, False), (Factor.PASSKEY, True), (Factor.RECOVERY, True)])
def test_where_the_role_needs_a_passkey_a_code_revokes_none(factor: Factor, may: bool) -> None:
    owner = factories.staff()
    enrolled(owner)
    held = Passkey.objects.get(user=owner)
    actor = dataclasses.replace(factories.actor_for(owner), factor=factor, needs_passkey=True)
    if may:
        assert passkeys.passkey_retire(actor=actor, account=owner, uuid=held.uuid).retired_at is not None
    else:
        with pytest.raises(StepUpNeeded):
            passkeys.passkey_retire(actor=actor, account=owner, uuid=held.uuid)


def here(client: Client) -> Client:
    """A client at the name that passkeys are bound to."""
    client.defaults["HTTP_HOST"] = "localhost:8000"
    return client


def asked_on(page: Any) -> tuple[bytes, str]:
    """Challenge and sealed challenge of the page that asks for a passkey."""
    ask = page.context["passkey"]
    return ceremony.base64url_to_bytes(json.loads(ask.options)["challenge"]), ask.sealed


def test_signing_in_with_a_passkey_as_the_second_factor(client: Client) -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    here(client).post(reverse("accounts:sign_in"), {"name": owner.handle, "password": factories.PASSWORD})
    challenge, sealed = asked_on(client.get(reverse("accounts:factor")))
    sent = {"passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)}
    assert client.post(reverse("accounts:factor"), sent).status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert newest(Tag.SIGNED_IN)["note"]["factor"] == "passkey"


def test_a_false_answer_at_signing_in_shows_the_page_again_with_the_code_still_possible(client: Client) -> None:
    owner = factories.staff()
    enrolled(owner)
    here(client).post(reverse("accounts:sign_in"), {"name": owner.handle, "password": factories.PASSWORD})
    _challenge, sealed = asked_on(client.get(reverse("accounts:factor")))
    again = client.post(reverse("accounts:factor"), {"passkey_challenge": sealed, "passkey_answer": "{}"})
    assert again.status_code == 403
    assert "does not fit" in again.content.decode()
    assert asked_on(again)[1] != sealed
    assert client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)}).status_code == 302


@pytest.mark.parametrize(
    ("back", "there"), [("/approval/LF-1/sign/", True), ("https://evil.test/", False), ("//evil.test", False)]
)
def test_whoever_adds_one_on_the_way_comes_back_to_where_they_were(client: Client, back: str, there: bool) -> None:
    owner = factories.staff()
    factories.signed_in(here(client), owner)
    url = f"{reverse('accounts:passkey_add')}?{urlencode({'next': back})}"
    asked = client.get(url).content.decode()
    assert "Before a passkey is made" in asked
    assert ("you come back to where you were" in asked) is there
    page = client.post(url, {"code": factories.code_for(owner)})
    made = Authenticator().makes(ceremony.base64url_to_bytes(json.loads(page.context["options"])["challenge"]))
    sent = {"name": "ring", "passkey_made_over": page.context["sealed"], "passkey_made": made}
    assert client.post(url, {**sent, "passkey_made_over": "none"}).url == url, (
        "what went wrong is tried again on the same way"
    )
    assert client.post(url, sent).url == (back if there else reverse("accounts:factors"))


def test_adding_and_revoking_on_the_page(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(here(client), owner)
    page = client.post(reverse("accounts:passkey_add"), {"code": factories.code_for(owner)})
    soft, options = Authenticator(), json.loads(page.context["options"])
    assert options["authenticatorSelection"]["userVerification"] == "required"
    challenge = ceremony.base64url_to_bytes(options["challenge"])
    sent = {
        "name": "key on my ring",
        "passkey_made_over": page.context["sealed"],
        "passkey_made": soft.makes(challenge),
    }
    assert client.post(reverse("accounts:passkey_add"), sent).url == reverse("accounts:factors")
    assert "key on my ring" in client.get(reverse("accounts:factors")).content.decode()
    held = Passkey.objects.get(user=owner)
    assert client.post(reverse("accounts:passkey_retire", args=[held.uuid])).status_code == 302
    assert client.get(reverse("accounts:factors")).context["passkeys"] == []


def test_a_fresh_session_alone_gets_no_challenge_to_make_a_passkey_over(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(here(client), owner)
    url, soft = reverse("accounts:passkey_add"), Authenticator()
    for page in (
        client.get(url),
        client.post(url, {}),
        client.post(url, {"code": "000000"}),
        client.post(url, {"name": "x"}),
    ):
        assert "sealed" not in page.context
        assert "passkey_made" not in page.content.decode()
    challenge, sealed = passkeys.challenge_seal(owner, "prove")  # what any other page hands out
    sent = {"name": "x", "passkey_made_over": sealed, "passkey_made": soft.makes(challenge)}
    assert client.post(url, sent).url == url
    assert not Passkey.objects.exists()


def test_where_there_is_a_passkey_a_code_gets_no_challenge_and_the_passkey_does(client: Client) -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    factories.signed_in(here(client), owner)
    url = reverse("accounts:passkey_add")
    refused = client.post(url, {"code": factories.code_for(owner)})
    assert refused.status_code == 403
    assert "the next one is added with it" in refused.content.decode()
    challenge, sealed = asked_on(refused)
    page = client.post(url, {"passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)})
    made = Authenticator().makes(ceremony.base64url_to_bytes(json.loads(page.context["options"])["challenge"]))
    sent = {"name": "second", "passkey_made_over": page.context["sealed"], "passkey_made": made}
    assert client.post(url, sent).url == reverse("accounts:factors")
    assert len(selectors.passkeys_of(owner)) == 2


def test_what_is_wrong_with_a_new_passkey_is_said_and_a_factor_asked_for_anew(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(here(client), owner)
    url = reverse("accounts:passkey_add")
    page = client.post(url, {"code": factories.code_for(owner)})
    made = Authenticator().makes(ceremony.base64url_to_bytes(json.loads(page.context["options"])["challenge"]))
    sent = {"name": "", "passkey_made_over": page.context["sealed"], "passkey_made": made}
    assert "Name it in at most" in client.post(url, sent, follow=True).content.decode()
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("how", ["officer", "restored", "recovered"])
def test_whoever_may_shuts_somebody_elses_passkeys(how: str) -> None:
    owner, officer = factories.staff(), factories.staff(Role.SECURITY_OFFICER)
    administrator = factories.actor_for(factories.staff(Role.ADMINISTRATOR))
    enrolled(owner)
    factories.signed_in(Client(), owner)
    if how == "officer":
        access.staff_passkeys_retire(actor=factories.actor_for(officer), account=owner)
        assert selectors.sessions_open(owner) == []
    elif how == "restored":
        access.staff_suspend(actor=factories.actor_for(officer), account=owner, reason="x")
        access.staff_restore(actor=administrator, account=owner, reason="x")
    else:
        device = device_prepare(actor=by(owner, Factor.RECOVERY), account=owner)
        code = factories.shown_code(device.secret.reveal())
        device_confirm(actor=by(owner, Factor.RECOVERY), account=owner, code=code)
    assert selectors.passkeys_of(owner) == []
    assert newest(Tag.FACTOR_RETIRED)["note"] == {"factor": "passkey", "reason": how}


@pytest.mark.parametrize("role", [Role.SECURITY_OFFICER, Role.ADMINISTRATOR, Role.APPROVER_1, Role.TEAM_LEAD])
def test_who_may_shut_them_is_who_may_suspend_and_never_for_oneself(role: Role) -> None:
    owner = factories.staff(role)
    enrolled(owner)
    target = factories.staff()
    enrolled(target)
    if Permission.PEOPLE_SUSPEND in ROLE_TABLE[role]:
        access.staff_passkeys_retire(actor=factories.actor_for(owner), account=target)
    else:
        with pytest.raises(Refused):
            access.staff_passkeys_retire(actor=factories.actor_for(owner), account=target)
    with pytest.raises(Refused):
        access.staff_passkeys_retire(actor=factories.actor_for(owner), account=owner)
    with pytest.raises(Refused):
        access.staff_passkeys_retire(actor=factories.actor_for(owner, fresh=False), account=target)
    assert len(selectors.passkeys_of(owner)) == 1


@pytest.mark.parametrize(
    ("host", "name", "works"),
    [
        ("localhost:8000", "localhost", True),
        ("localhost", "localhost", True),
        ("127.0.0.1:8000", "localhost", False),
        ("[::1]:8000", "localhost", False),
        ("loans.bank.test", "loans.bank.test", True),
        ("north.loans.bank.test", "loans.bank.test", True),
        ("xloans.bank.test", "loans.bank.test", False),
        ("localhost", "", False),
    ],
)
def test_where_passkeys_work(settings: Settings, host: str, name: str, works: bool) -> None:
    settings.LOANFLOW_PASSKEY_HOST = name
    assert works_at(host) is works


def test_the_page_says_where_passkeys_work_instead(client: Client) -> None:
    owner = factories.staff()
    enrolled(owner)
    factories.signed_in(client, owner)
    client.defaults["HTTP_HOST"] = "127.0.0.1:8123"
    for name in ("accounts:passkey_add", "accounts:step_up"):
        assert f"http://localhost:8123{reverse(name)}" in client.get(reverse(name)).content.decode()


def test_stepping_up_with_a_passkey_leads_back(client: Client) -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    with clock.at(clock.now() - dt.timedelta(minutes=10)):
        record = factories.signed_in(here(client), owner)
    challenge, sealed = asked_on(client.get(reverse("accounts:step_up")))
    sent = {"passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)}
    answer = client.post(f"{reverse('accounts:step_up')}?next=/account/sessions/", sent)
    assert (answer.status_code, answer.url) == (302, "/account/sessions/")
    record.refresh_from_db()
    assert record.factor == Factor.PASSKEY


def test_stepping_up_in_place_keeps_what_was_typed(client: Client) -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    with clock.at(clock.now() - dt.timedelta(minutes=10)):
        factories.signed_in(here(client), owner)
    page = client.post(reverse("accounts:new_codes"), {"typed": "long words"})
    assert page.status_code == 403
    assert 'value="long words"' in page.content.decode()
    challenge, sealed = asked_on(page)
    done = client.post(
        reverse("accounts:new_codes"),
        {"typed": "long words", "passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)},
    )
    assert done.status_code == 200
    assert len(done.context["codes"]) == 10


def test_two_answers_at_once_raise_the_counter_one_after_the_other() -> None:
    owner = factories.staff()
    soft = enrolled(owner)
    first, second = proof(owner, soft.signs), proof(owner, soft.signs)
    passkeys.passkey_prove(**second)
    with pytest.raises(Refused) as late:
        passkeys.passkey_prove(**first)
    assert late.value.guard == "passkey_counter"
