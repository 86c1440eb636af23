"""Signed decisions in a bundle: checked offline, said in words, and every false one refused though the bank sealed it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Account, Passkey
from apps.accounts.passkeys import ceremony
from apps.approval.rules import decision_text, fingerprint
from apps.audit.canonical import moment
from apps.audit.selectors import EventFilter
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core import clock
from tests.accounts import factories as people
from tests.accounts.authenticator import EDDSA, ES256, PRESENT, RS256, Authenticator, flipped
from tests.accounts.test_passkeys import enrolled
from tests.audit.bundles import bundle_bytes, files_of, sealed_again, stored
from tests.audit.sealing import seal
from tests.audit.standalone.test_loanflow_verify import bare, counted, spelled, told

KINDS = {"ES256": ES256, "EdDSA": EDDSA, "RS256": RS256}
Note = dict[str, Any]


@pytest.fixture(scope="module")
def signers(shared_db: str) -> dict[str, tuple[Account, Authenticator]]:
    """Members of staff, each with a passkey of another kind."""
    accounts = {name: people.staff("approver_1") for name in KINDS}
    return {name: (owner, enrolled(owner, Authenticator(KINDS[name]))) for name, owner in accounts.items()}


def decision(owner: Account, case: str, /, **changed: Any) -> str:
    """Canonical text of an approval by an account."""
    now = clock.now()
    facts = {
        "schema": "loanflow/decision/1", "action": "approve", "case": case, "amount": "100000.00", "currency": "CNY",
        "person": owner.person_id, "account": owner.pk, "nonce": f"{case}-{now.isoformat()}",
        "issued_at": moment(now - dt.timedelta(minutes=1)), "expires_at": moment(now + dt.timedelta(minutes=9)),
    }  # fmt: skip
    return decision_text({**facts, **changed})


def note_of(owner: Account, soft: Authenticator, text: str, **how: Any) -> Note:
    """What the log holds of a decision that a passkey has signed."""
    response = json.loads(soft.signs(bytes.fromhex(fingerprint(text)), **how))["response"]
    held = Passkey.objects.get(user=owner)
    return {
        "class": "A", "decision": text, "passkey": object_key(held), "key": held.key, "algorithm": held.algorithm,
        "client_data": response["clientDataJSON"], "authenticator_data": response["authenticatorData"],
        "signature": response["signature"],
    }  # fmt: skip


def written(owner: Account, case: str, note: Note) -> None:
    """Have the log hold a sign-off, true or not."""
    actor = people.actor_for(owner)
    with act(actor=actor):
        record(Tag.DECISION_SIGNED, actor=actor, case=case, note={"signoff": note})


def bundle_of(case: str) -> bytes:
    """A bundle of what a case's events say."""
    seal()
    return bundle_bytes(EventFilter(case=case))


def test_signatures_of_all_kinds_verify_in_a_bare_environment(signers: Any, tmp_path: Path) -> None:
    case = "LF-2026-000001"
    for owner, soft in signers.values():
        written(owner, case, note_of(owner, soft, decision(owner, case)))
    code_signer, _soft = signers["ES256"]
    written(code_signer, case, {"class": "B", "decision": decision(code_signer, case)})
    code, words = bare(stored(tmp_path, bundle_of(case)))
    assert code == 0, words
    proved, unproved = words.split("NOT PROVED:")
    assert proved.count("Class A: signed with a passkey") == 3
    assert proved.count("Class B (a code), as the log says") == 1
    assert f"approve CNY 100000.00 in {case}" in proved
    assert unproved.count("meant this decision") == 1
    assert "whose the passkey of" not in unproved


def _text(**changed: Any) -> Callable[[Account, Authenticator, str], Note]:
    return lambda owner, soft, case: note_of(owner, soft, decision(owner, case, **changed))


def _how(**how: Any) -> Callable[[Account, Authenticator, str], Note]:
    return lambda owner, soft, case: note_of(owner, soft, decision(owner, case), **how)


def _part(**parts: Callable[[str], str]) -> Callable[[Account, Authenticator, str], Note]:
    def build(owner: Account, soft: Authenticator, case: str) -> Note:
        note = note_of(owner, soft, decision(owner, case))
        return {**note, **{name: change(note[name]) for name, change in parts.items()}}

    return build


def _another_key(owner: Account, soft: Authenticator, case: str) -> Note:
    """Somebody who can write the log signs with a key of their own, under the approver's name."""
    forged = Authenticator(credential=soft.credential)
    key = ceremony.made(forged.makes(bytes(32)), bytes(32)).key
    return {**note_of(owner, forged, decision(owner, case)), "key": key}


def _anothers_passkey(owner: Account, soft: Authenticator, case: str) -> Note:
    other = people.staff("approver_1")
    return note_of(other, enrolled(other), decision(owner, case))


def _young(owner: Account, soft: Authenticator, case: str) -> Note:
    """The passkey of somebody who has been here for days, added with a code just now: it signs tomorrow."""
    with clock.at(clock.now() - dt.timedelta(days=9)):
        young = people.staff("approver_1")
    return note_of(young, enrolled(young), decision(owner, case))


FALSE: dict[str, tuple[Callable[[Account, Authenticator, str], Note], str]] = {
    "of another amount than was signed": (
        _part(decision=lambda text: text.replace("100000.00", "900000.00")), "over something else",
    ),
    "of another case": (_text(case="LF-2026-999999"), "is another's"),
    "of another person": (_text(person=99_999), "is another's"),
    "of another account": (_text(account=99_999), "is another's"),
    "for another, whom the log does not name": (_text(on_behalf_of=99_999), "is another's"),
    "after its time": (_text(expires_at="2001-01-01T00:00:00.000000Z"), "of another time"),
    "before its time": (_text(issued_at="2101-01-01T00:00:00.000000Z"), "of another time"),
    "on another site": (_how(origin="https://evil.test"), "elsewhere"),
    "inside another site": (_how(crossOrigin=True), "over something else"),
    "of nobody verified": (_how(flags=PRESENT), "of nobody verified"),
    "of another kind": (_how(type="webauthn.create"), "over something else"),
    "with a bit of the signature changed": (_part(signature=flipped), "is not by the passkey"),
    "with a bit of the data changed": (_part(authenticator_data=flipped), "is not by the passkey"),
    "with another key": (_another_key, "was not added by that account before"),
    "with another's passkey": (_anothers_passkey, "was not added by that account before"),
    "with a passkey that did not sign yet": (_young, "was not added by that account before"),
    "of a class that nobody knows": (_part(**{"class": lambda _text: "C"}), "is another's"),
    "spelled otherwise": (_part(decision=lambda text: text.replace('"account":', '"account": ')), "not spelled"),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_false_signature_is_refused_though_it_stands_in_the_log(
    signers: Any, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build, reason = FALSE[name]
    owner, soft = signers["ES256"]
    case = f"LF-2027-{[*FALSE].index(name) + 1:06}"
    written(owner, case, build(owner, soft, case))
    code, words = told(stored(tmp_path, bundle_of(case)), capsys)
    assert (code, words[:9]) == (1, "REFUSED: ")
    assert reason in words


def test_one_signature_does_not_stand_twice(signers: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner, soft = signers["EdDSA"]
    note = note_of(owner, soft, decision(owner, "LF-2028-000001"))
    written(owner, "LF-2028-000001", note)
    written(owner, "LF-2028-000001", note)
    code, words = told(stored(tmp_path, bundle_of("LF-2028-000001")), capsys)
    assert (code, "there twice" in words) == (1, True)


@pytest.fixture
def honest(signers: Any) -> bytes:
    """A bundle with one signature of class A."""
    owner, soft = signers["ES256"]
    case = f"LF-2029-{soft.count + 1:06}"
    written(owner, case, note_of(owner, soft, decision(owner, case)))
    return bundle_of(case)


def test_a_bundle_that_does_not_say_who_added_the_passkey_leaves_it_open(
    honest: bytes, tmp_path: Path, capsys: Any
) -> None:
    files = files_of(honest)
    signers = json.loads(files["signers.json"])
    signers["signers"][0]["event"] = None
    files["signers.json"] = spelled(signers).encode()
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert (code, "something else than its manifest says" in words) == (1, True)
    counted(files, signers=[[signers["signers"][0]["passkey"], False]])  # type: ignore[arg-type]
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert code == 0
    assert "whose the passkey of" in words.split("NOT PROVED:")[1]


def test_another_event_does_not_pass_for_the_one_that_added_it(honest: bytes, tmp_path: Path, capsys: Any) -> None:
    files = files_of(honest)
    signers, keys = json.loads(files["signers.json"]), json.loads(files["keys.json"])
    signers["signers"][0]["event"] = keys["keys"][0]["event"]
    files["signers.json"] = spelled(signers).encode()
    assert told(stored(tmp_path, sealed_again(files)), capsys)[0] == 1
