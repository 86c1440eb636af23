"""Breached passwords: found in a sorted file of digests, whatever its line ends and what follows the digest."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from apps.accounts.breached import BreachedPasswordValidator, is_listed
from apps.accounts.checks import check_breached_list


def listed(*passwords: str, tail: bytes = b":7", end: bytes = b"\r\n") -> io.BytesIO:
    """A file as such lists are published."""
    digests = sorted(hashlib.sha1(each.encode()).hexdigest().upper().encode() for each in passwords)
    return io.BytesIO(b"".join(each + tail + end for each in digests))


@given(st.sets(st.text(min_size=1), max_size=40), st.text(min_size=1), st.sampled_from([b"", b":1", b":23456789"]), st.sampled_from([b"\n", b"\r\n"]))  # fmt: skip
def test_what_stands_in_the_file_is_found_and_nothing_else(held: set[str], other: str, tail: bytes, end: bytes) -> None:
    file = listed(*held, tail=tail, end=end)
    assert all(is_listed(file, each) for each in held)
    assert is_listed(file, other) == (other in held)


def test_a_last_line_without_an_end_is_found() -> None:
    file = io.BytesIO(listed("one", "two", tail=b"").getvalue().rstrip())
    assert is_listed(file, "one")
    assert is_listed(file, "two")


def test_a_breached_password_is_refused_and_others_are_taken(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "breached.txt"
    path.write_bytes(listed("correct horse battery", "letmein letmein").getvalue())
    settings.LOANFLOW_BREACHED_PASSWORDS = str(path)
    assert check_breached_list(None) == []
    with pytest.raises(ValidationError, match="stolen"):
        BreachedPasswordValidator().validate("letmein letmein")
    BreachedPasswordValidator().validate("letmein letmeout")


def test_no_password_is_taken_while_the_list_cannot_be_read(settings: Settings, tmp_path: Path) -> None:
    settings.LOANFLOW_BREACHED_PASSWORDS = str(tmp_path / "not there")
    with pytest.raises(ValidationError, match="cannot be read"):
        BreachedPasswordValidator().validate("anything at all")
    assert [each.id for each in check_breached_list(None)] == ["accounts.E002"]


def test_without_a_list_nothing_is_looked_up(settings: Settings) -> None:
    settings.LOANFLOW_BREACHED_PASSWORDS = ""
    BreachedPasswordValidator().validate("letmein letmein")
    assert check_breached_list(None) == []
