"""The body in its final form: who, what, where, why, on what, under which versions; nothing empty, nothing secret."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from apps.audit.body import Purpose, session_label
from apps.audit.canonical import canonical
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, ActorKind, Factor, HeldRole
from tests.audit.factories import SYSTEM, branch, newest, rename, unsaved_branch

NOON = dt.datetime(2026, 5, 1, 12, 0, 0, 250, tzinfo=dt.UTC)
OFFICER = Actor(
    kind=ActorKind.PERSON, name="officer-12", person_id=7, account_id=9,
    held=(HeldRole("loan_officer", frozenset({3, 2})), HeldRole("team_lead", frozenset({2}))),
    on_behalf_of=8, on_behalf_name="officer-13", session="a-session-key-that-opens-it", factor=Factor.TOTP,
    factor_at=NOON - dt.timedelta(seconds=61), address="192.0.2.7", device="Firefox" * 100, request_id="r1",
)  # fmt: skip


@pytest.fixture
def body(db: None):
    with clock.at(NOON), act(actor=OFFICER):
        row = unsaved_branch(code="JN")
        row.save()
        row.version = 4
        return record(
            Tag.BRANCH_CREATED, actor=OFFICER, subject=row, case="LF-2026-000001", stage="intake", policy="p3", model="m1",
            purpose=Purpose("service", "asked by phone"), note={"amount": 10**20, "empty": ""},
        ).data  # fmt: skip


def test_it_says_who_acted_with_what_was_held_and_proved(body: Any):
    expected = {
        "actor": "person", "name": "officer-12", "person": 7, "account": 9, "roles": ["loan_officer", "team_lead"],
        "branches": [2, 3], "on_behalf_of": {"person": 8, "name": "officer-13"}, "factor": "totp", "factor_age_s": 61,
        "address": "192.0.2.7", "channel": "web", "request": "r1",
    }  # fmt: skip
    assert expected.items() <= body.items()
    assert len(body["device"]) == 200


def test_it_names_a_session_by_a_digest_that_opens_nothing(body: Any):
    assert len(body["session"]) == 16
    assert OFFICER.session not in canonical(body)


def test_a_session_known_by_its_record_is_named_by_it():
    assert session_label("ab" * 16) == "ab" * 16
    assert session_label("") == ""


def test_it_says_what_happened_to_what_and_why(body: Any):
    expected = {
        "v": 1, "at": "2026-05-01T12:00:00.000250Z", "action": "accounts.branch_created", "outcome": "done", "kind": "act",
        "case": "LF-2026-000001", "stage": "intake", "policy": "p3", "model": "m1", "simulated": True,
        "purpose": {"code": "service", "text": "asked by phone"}, "note": {"amount": str(10**20), "empty": ""},
    }  # fmt: skip
    assert expected.items() <= body.items()
    assert body["subject"]["version"] == 4


def test_what_is_empty_is_left_out(body: Any):
    assert not {"guard", "borrowers", "branch"} & body.keys()
    assert {"prev", "commitments"} & body["touched"][0].keys() == set()


@pytest.mark.django_db
def test_roles_over_all_branches_say_all():
    chief = Actor(kind=ActorKind.PERSON, name="chief", held=(HeldRole("head_of_credit"),))
    with act(actor=chief):
        event = record(Tag.SIGNED_IN, actor=chief)
    assert event.data["branches"] == "all"


@pytest.mark.django_db
def test_the_subject_brings_its_case_stage_and_branch():
    case, row = branch(), branch()
    case.stage, case.branch_id, row.case = "approval", 5, case
    with act(actor=SYSTEM):
        event = record(Tag.CASE_OPENED, actor=SYSTEM, subject=row)
    assert (event.data["case"], event.data["stage"], event.data["branch"]) == (f"branch {case.pk}", "approval", 5)
    assert [one["op"] for one in event.data["touched"]] == ["name", "name"]


@pytest.mark.django_db
def test_changes_given_by_the_service_join_those_worked_out():
    row = branch()
    with act(actor=SYSTEM):
        row.name = "Two"
        row.save()
        event = record(
            Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row, changes={"name": ("one", "two"), "rate": (None, 3)}
        )
    changes = event.data["touched"][0]["changes"]
    assert changes["rate"] == [None, 3]
    assert changes["name"] == [f"Branch {row.code}", "two"]


@pytest.mark.django_db
def test_long_texts_stand_as_a_digest():
    row = branch()
    event = rename(row, "x" * 120)
    assert event.data["touched"][0]["changes"]["name"][1] == "x" * 120
    with act(actor=SYSTEM):
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row, changes={"story": ("", "y" * 501)})
    assert event.data["touched"][0]["changes"]["story"][1]["length"] == 501


@pytest.mark.django_db
def test_each_event_points_to_the_one_before_on_the_same_object():
    row = branch()
    first = newest()
    second = rename(row, "Two")
    third = rename(row, "Three")
    from_second = second.data["touched"][0]
    assert (from_second["n"], third.data["touched"][0]["n"]) == (2, 3)
    assert from_second["prev"] == hash_of(first)
    assert third.data["touched"][0]["prev"] == hash_of(second)


def hash_of(event: Any):
    import hashlib  # noqa: PLC0415 - the test computes it by other means than the code

    return hashlib.sha256(event.body.encode()).hexdigest()


@pytest.mark.django_db
def test_columns_are_made_of_the_body():
    with clock.at(NOON), act(actor=OFFICER):
        record(Tag.SIGNED_IN, actor=dataclasses.replace(OFFICER, session=""), purpose=Purpose("work"))
    event = newest()
    assert (event.at, event.action, event.outcome, event.actor) == (NOON, "accounts.signed_in", "done", "officer-12")
    assert (event.person, event.address, event.request, event.purpose) == (7, "192.0.2.7", "r1", "work")
    assert str(event) == f"event {event.pk}"
