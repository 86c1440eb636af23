"""Versions side by side: what differs in words, by section, with secrets masked; the look is on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.access.roles import Role
from apps.applications.models import ApplicationVersion
from apps.applications.rules.comparing import compared, pieces
from apps.applications.services.versions import version_write
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.vault.errors import Forgotten
from apps.workflow.models import Facility, LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.sending import url
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module


@act
def _kept(*, actor: Actor, case: LoanCase, **changes: str) -> None:
    """Change words of the application behind its pages, a name and an amount, and keep the version."""
    application = case.application
    for name, words in changes.items():
        setattr(application, name, words)
    application.save()
    party = f.signer_of(case)
    party.name, party.phone = "Zhou Newname", "+8613900001111"
    party.save()
    facility = Facility.objects.get(case=case, position=1)
    facility.amount += 1000
    facility.save()
    version_write(case, application, why="corrected", made_by_id=actor.person_id)
    record(Tag.APPLICATION_EDITED, actor=actor, subject=application, case=case)


def _build() -> World:
    made = stations("intake", "held")
    case = made.case("intake")
    _kept(actor=made.officer, case=case, purpose="Flour and ovens for the winter season.", narrative="")
    _kept(actor=made.officer, case=case, purpose="<script>alert(1)</script>\u202eovens")
    return made


world = once_a_module(_build)
on_cases = pytest.mark.usefixtures("world")


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    return world.case("intake")


@pytest.fixture
def seat(client: Client, world: World, db: None) -> Client:
    people.signed_in(client, world.account)
    return client


def groups(seat: Client, case: LoanCase, query: str = "") -> dict[str, Any]:
    answer = seat.get(url("versions", case) + query)
    assert answer.status_code == 200
    return {group.title.partition(" ")[0]: group for group in answer.context["shown"].groups}


@on_cases
@pytest.mark.django_db
def test_two_versions_are_grouped_by_section_with_what_differs_first(seat: Client, case: LoanCase) -> None:
    found = groups(seat, case, "?left=1&right=2")
    assert list(found) == ["Business", "Person", "Product", "Facility", "Purpose"]
    assert found["Business"].changed == ()
    assert [(line.label, line.kind) for line in found["Purpose"].changed] == [
        ("Purpose of the loan", "changed"), ("About the business", "removed"),
    ]  # fmt: skip
    (amount,) = found["Facility"].changed
    assert (amount.label, amount.before, amount.after) == ("Amount asked", "CNY 800,000.00", "CNY 801,000.00")
    assert {line.label for line in found["Facility"].same} >= {"Kind", "Term, months"}


@on_cases
@pytest.mark.django_db
def test_secrets_stay_masked_and_say_that_they_differ(seat: Client, world: World, case: LoanCase) -> None:
    page = seat.get(url("versions", case) + "?left=1&right=2").content.decode()
    party = f.signer_of(case)
    for secret in (party.name, party.phone, party.id_number, case.borrower.identifier, case.borrower.phone):
        assert secret.reveal() not in page
    older = ApplicationVersion.objects.get(case=case, number=1).content.reveal()
    assert older["people"][str(party.pk)]["name"] not in page
    changed = groups(seat, case, "?left=1&right=2")["Person"].changed
    assert {line.label for line in changed} == {"Name", "Phone"}
    assert all("••••" in line.after for line in changed)


@on_cases
@pytest.mark.django_db
def test_what_was_typed_is_shown_and_never_run(seat: Client, case: LoanCase) -> None:
    page = seat.get(url("versions", case) + "?left=2&right=3").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<del>" in page
    assert "was changed" in page


@on_cases
@pytest.mark.django_db
def test_backwards_what_was_removed_is_added(seat: Client, case: LoanCase) -> None:
    lines = {line.label: line.kind for line in groups(seat, case, "?left=2&right=1")["Purpose"].changed}
    assert lines["About the business"] == "added"


@on_cases
@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["", "?left=1", "?left=9&right=1", "?left=x&right=2", "?left=-1&right=2", "?left=9999999&right=1"]
)
def test_without_two_known_versions_the_last_two_are_compared(query: str, seat: Client, case: LoanCase) -> None:
    shown = seat.get(url("versions", case) + query).context["shown"]
    assert (shown.left.row.number, shown.right.row.number) == (2, 3)


@on_cases
@pytest.mark.django_db
def test_the_look_is_on_record_by_numbers_only(seat: Client, case: LoanCase) -> None:
    seat.get(url("versions", case) + "?left=1&right=3")
    event = AuditEvent.objects.latest("id")
    assert event.action == "applications.read"
    assert '"left":1' in event.body
    assert '"right":3' in event.body
    assert "ovens" not in event.body


@on_cases
@pytest.mark.django_db
def test_a_single_version_has_nothing_to_compare(seat: Client, world: World) -> None:
    held = world.case("held")
    answer = seat.get(url("versions", held))
    assert answer.context["shown"].right is None
    assert 'type="radio"' not in answer.content.decode()


@on_cases
@pytest.mark.django_db
def test_versions_of_another_branch_are_not_there(client: Client, case: LoanCase) -> None:
    people.signed_in(client, b.account_of(Role.LOAN_OFFICER, people.branch("B2")))
    assert client.get(url("versions", case)).status_code == 404


@on_cases
@pytest.mark.django_db
def test_versions_whose_keys_are_gone_say_so(seat: Client, case: LoanCase, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: Any) -> None:
        raise Forgotten

    monkeypatch.setattr(ApplicationVersion._meta.get_field("content"), "open_value", gone)
    page = seat.get(url("versions", case)).content.decode()
    assert "forgotten" in page
    assert 'type="radio"' not in page


# -- rules


@pytest.mark.parametrize(
    ("older", "newer", "kinds"),
    [
        ({"a": 1}, {"a": 1}, {"a": "same"}),
        ({"a": ""}, {"a": None}, {}),
        ({"a": ""}, {"a": "x"}, {"a": "added"}),
        ({"a": "x"}, {}, {"a": "removed"}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.b": "same", "a.c": "changed"}),
        ({"a": {}}, {"a": {"b": {"c": 1}}}, {"a.b.c": "added"}),
    ],
)
def test_fields_are_compared_leaf_by_leaf(older: Any, newer: Any, kinds: dict[str, str]) -> None:
    assert {".".join(each.path): each.kind for each in compared(older, newer)} == kinds


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("two ovens", "three ovens", ["two"], ["three"]),
        ("购买面粉", "购买烤箱", ["面粉"], ["烤箱"]),
        ("same", "same", [], []),
        ("", "new words", [], ["new words"]),
    ],
)
def test_texts_are_compared_by_words_and_characters(
    before: str, after: str, removed: list[str], added: list[str]
) -> None:
    found = pieces(before, after)
    assert [each.text for each in found if each.kind == "removed"] == removed
    assert [each.text for each in found if each.kind == "added"] == added


def test_long_texts_are_compared_by_sentences() -> None:
    before = "一句话。" * 900
    found = pieces(before, before + "另一句。")
    assert [each.kind for each in found] == ["same", "added"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_pieces_give_both_texts_back(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(each.text for each in found if each.kind != "added") == before
    assert "".join(each.text for each in found if each.kind != "removed") == after
