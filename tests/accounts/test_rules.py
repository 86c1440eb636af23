"""Pure rules of signing in, against the RFCs' own vectors and by properties."""

from __future__ import annotations

import base64
import datetime as dt
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import rules
from apps.accounts.rules import CodeFlaw, SessionState

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
moments = st.integers(10**9, 4 * 10**9).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))
secrets = st.binary(min_size=20, max_size=20).map(lambda raw: base64.b32encode(raw).decode())


def vectors(path: Path) -> list[dict[str, str]]:
    """Blocks of an RFC's file of vectors."""
    blocks: list[dict[str, str]] = []
    for line in path.read_text().splitlines():
        name, mark, value = line.partition(" = ")
        if not mark:
            continue
        if name == "COUNT":
            blocks.append({})
        blocks[-1][name] = value
    return blocks


def test_codes_equal_those_of_rfc_6238(shared: Path) -> None:
    told = [row for row in vectors(shared / "vectors/crypto/twofactor/rfc-6238.txt") if row["MODE"] == "SHA1"]
    assert len(told) == 6
    for row in told:
        at = dt.datetime.fromtimestamp(int(row["TIME"]), dt.UTC)
        assert rules.code_at_step(SECRET, rules.current_step(at), digits=8) == row["TOTP"]
        assert rules.code_step(SECRET, row["TOTP"], at=at, last_step=-1, digits=8) == rules.current_step(at)


def test_codes_equal_those_of_rfc_4226(shared: Path) -> None:
    told = vectors(shared / "vectors/crypto/twofactor/rfc-4226.txt")
    assert [rules.code_at_step(SECRET, int(row["COUNTER"])) for row in told] == [row["HOTP"] for row in told]


@given(secret=secrets, at=moments)
def test_a_code_matches_once_and_never_again(secret: str, at: dt.datetime) -> None:
    code = rules.code_at_step(secret, rules.current_step(at))
    step = rules.code_step(secret, code, at=at, last_step=-1)
    assert step == rules.current_step(at)
    assert rules.code_step(secret, code, at=at, last_step=step) is CodeFlaw.USED


@given(secret=secrets, at=moments, off=st.integers(-40, 40).filter(bool))
def test_codes_of_other_times_do_not_match(secret: str, at: dt.datetime, off: int) -> None:
    now = rules.current_step(at)
    code = rules.code_at_step(secret, now + off)
    found = rules.code_step(secret, code, at=at, last_step=-1)
    if code == rules.code_at_step(secret, now):
        assert found == now, "another step with the same digits"
    else:
        assert found is (CodeFlaw.LATE if code == rules.code_at_step(secret, now - 1) else CodeFlaw.WRONG)


@given(secret=secrets, at=moments, later=st.floats(0, 120))
def test_no_code_lives_for_longer_than_thirty_seconds(secret: str, at: dt.datetime, later: float) -> None:
    """Whatever device shows it, and whenever it was seen: two moments at which it counts lie in the same half minute."""
    then = at + dt.timedelta(seconds=later)
    code = rules.code_at_step(secret, rules.current_step(at))
    counts = rules.code_step(secret, code, at=then, last_step=-1) == rules.current_step(at)
    assert counts is (rules.current_step(then) == rules.current_step(at))
    assert not counts or then - at < dt.timedelta(seconds=30)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5x", "-12345", "\x0012345"])
def test_what_is_no_code_never_matches(typed: str) -> None:
    assert rules.code_step(SECRET, typed, at=NOON, last_step=-1) is CodeFlaw.WRONG


def test_a_code_may_be_typed_with_a_space() -> None:
    code = rules.code_at_step(SECRET, rules.current_step(NOON))
    assert rules.code_step(SECRET, f" {code[:3]} {code[3:]} ", at=NOON, last_step=-1) == rules.current_step(NOON)


def test_new_secrets_are_long_and_differ() -> None:
    made = {rules.new_secret() for _each in range(50)}
    assert len(made) == 50
    assert all(len(base64.b32decode(secret)) == rules.SECRET_BYTES for secret in made)


@given(st.uuids(), st.uuids())
def test_a_recovery_code_counts_for_its_account_only(one: object, other: object) -> None:
    code = rules.new_recovery_code()
    typed = code.replace("-", " ").lower()
    assert rules.recovery_digest(str(one), typed) == rules.recovery_digest(str(one), code)
    assert (rules.recovery_digest(str(one), code) == rules.recovery_digest(str(other), code)) == (one == other)


def test_recovery_codes_hold_no_letters_that_are_misread() -> None:
    letters = set("".join(rules.new_recovery_code() for _each in range(100)))
    assert not letters & set("ILOU01")
    assert len(rules.plain_recovery_code(rules.new_recovery_code())) == rules.RECOVERY_LENGTH


def test_a_recovery_code_holds_enough_chance_to_need_no_slow_hash() -> None:
    assert rules.RECOVERY_LENGTH * math.log2(len(rules.RECOVERY_ALPHABET)) >= 112
    assert len(set(rules.RECOVERY_ALPHABET)) == len(rules.RECOVERY_ALPHABET)


def test_digests_of_different_domains_differ() -> None:
    assert rules.digest("invitation", "x") != rules.digest("recovery", "x")
    assert rules.new_token() != rules.new_token()
    assert len(rules.new_email_code()) == 6


MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("started", "seen", "ended", "state"),
    [
        (0, 0, None, SessionState.LIVE),
        (14, 14, None, SessionState.LIVE),
        (20, 15, None, SessionState.IDLE),
        (20, 14, None, SessionState.LIVE),
        (719, 0, None, SessionState.LIVE),
        (720, 0, None, SessionState.ABSOLUTE),
        (720, 30, None, SessionState.ABSOLUTE),
        (1, 0, 0, SessionState.ENDED),
        (800, 800, 700, SessionState.ENDED),
    ],
)
def test_sessions_end_after_their_limits(started: int, seen: int, ended: int | None, state: SessionState) -> None:
    """Figures are minutes before noon."""
    found = rules.session_state(
        started=NOON - started * MINUTE, seen=NOON - seen * MINUTE, now=NOON,
        ended=None if ended is None else NOON - ended * MINUTE,
    )  # fmt: skip
    assert found is state
