"""OCSF and CEF as their readers expect them, with nothing of a value in either."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.stream.due import Sent
from apps.audit.stream.formats import cef, milliseconds, ocsf, severity_of
from apps.audit.stream.syslog import message

BODY: dict[str, Any] = {
    "v": 1, "at": "2026-11-22T09:30:00.123456Z", "action": "accounts.branch_changed", "outcome": "done", "kind": "act",
    "actor": "staff", "name": "li.wei", "account": 7, "session": "ab" * 16, "address": "10.1.2.3", "request": "r1",
    "case": "LF-2026-000001", "stage": "approval", "branch": 3, "roles": ["administrator"],
    "subject": {"object": "accounts_branch:4", "ref": "branch 4"},
    "touched": [{"object": "accounts_branch:4", "op": "update", "n": 2, "changes": {"name": ["Secret A", "Secret B"]}}],
    "note": {"words": "Secret C"}, "purpose": {"code": "review", "text": "Secret D"},
}  # fmt: skip


def sent(state: str = "fits", **changes: Any) -> Sent:
    return Sent(41, 57, "ab" * 32, {**BODY, **changes}, state)


def test_a_change_is_an_api_activity_in_ocsf() -> None:
    told = json.loads(ocsf(sent()))
    assert (told["category_uid"], told["class_uid"], told["activity_id"], told["type_uid"]) == (6, 6003, 3, 600303)
    assert told["metadata"]["uid"] == "57"
    assert told["metadata"]["sequence"] == 41
    assert told["time"] == 1795339800123
    assert (told["status_id"], told["severity_id"]) == (1, 1)
    assert told["actor"] == {"user": {"name": "li.wei", "uid": "7", "type": "staff"}, "session": {"uid": "ab" * 16}}
    assert told["resources"] == [{"uid": "accounts_branch:4", "name": "branch 4"}]
    assert told["unmapped"]["leaf_hash"] == "ab" * 32


@pytest.mark.parametrize(
    ("changes", "kind", "activity", "status", "severity"),
    [
        ({"action": "accounts.signed_in"}, 3002, 1, 1, 1),
        ({"action": "accounts.sign_in_failed", "outcome": "done"}, 3002, 1, 2, 2),
        ({"action": "accounts.locked_out"}, 3002, 1, 1, 3),
        ({"action": "accounts.signed_out"}, 3002, 2, 1, 1),
        ({"kind": "read"}, 6003, 2, 1, 1),
        ({"touched": [{"object": "accounts_branch:4", "op": "create"}]}, 6003, 1, 1, 1),
        ({"touched": [{"object": "accounts_branch:4", "op": "delete"}]}, 6003, 4, 1, 1),
        ({"touched": []}, 6003, 99, 1, 1),
        ({"outcome": "refused", "guard": "duty"}, 6003, 3, 2, 2),
        ({"action": "audit.rows_reconciled", "note": {"differ": 2}}, 6003, 3, 1, 3),
        ({"action": "audit.verified", "note": {"intact": False}}, 6003, 3, 1, 3),
        ({"action": "audit.verified", "note": {"intact": True}}, 6003, 3, 1, 1),
    ],
)
def test_kinds_and_severities(changes: dict[str, Any], kind: int, activity: int, status: int, severity: int) -> None:
    told = json.loads(ocsf(sent(**changes)))
    found = (told["class_uid"], told["activity_id"], told["status_id"], told["severity_id"])
    assert found == (kind, activity, status, severity)
    assert ("user" in told) is (kind == 3002)


@pytest.mark.parametrize("form", [ocsf, cef])
def test_no_value_goes_out(form: Any) -> None:
    assert "Secret" not in form(sent())


@pytest.mark.parametrize("state", ["missing", "altered"])
def test_what_is_not_as_it_was_sealed_is_critical(state: str) -> None:
    one = Sent(41, 57, "ab" * 32, {}, state)
    assert severity_of(one) == 5
    assert json.loads(ocsf(one))["api"]["operation"] == "audit.event_not_as_sealed"
    assert f"|Event 57 of the log is {state}|10|" in cef(one)
    assert milliseconds(one) == 0


def test_cef_has_its_head_and_its_pairs() -> None:
    line = cef(sent())
    assert re.match(
        r"CEF:0\|LoanFlow\|LoanFlow\|[^|]*\|accounts\.branch_changed\|Branch changed\|1\|rt=1795339800123 ", line
    )
    assert " suser=li.wei suid=7 src=10.1.2.3 cn1=41 cn1Label=leaf " in line


@given(name=st.text(max_size=40))
def test_cef_can_be_read_back_whatever_a_handle_holds(name: str) -> None:
    line = cef(sent(name="x" + name))
    assert "\n" not in line
    assert "\r" not in line
    found = re.search(r" suser=(.*) suid=7 ", line, re.DOTALL)
    assert found
    back = re.sub(r"\\(n|=|\\)", lambda match: {"n": "\n"}.get(match[1], match[1]), found[1])
    assert back == "x" + name.replace("\r\n", "\n").replace("\r", "\n")


@given(name=st.text(max_size=40))
def test_a_frame_says_its_length_in_bytes(name: str) -> None:
    one = sent(name=name)
    length, _space, rest = message(one, ocsf(one), "host").partition(b" ")
    assert int(length) == len(rest)
    assert rest.startswith(b"<110>1 2026-11-22T09:30:00.123Z host loanflow - accounts.branch_changed - {")
