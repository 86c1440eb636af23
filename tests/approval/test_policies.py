"""The pages of the credit policy: versions with their reasons, a new one shown before it holds."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import Role
from apps.accounts.models import Account, Draft, SessionRecord
from apps.approval import services
from apps.approval.models import Policy
from apps.approval.rules import LEVELS, AuthorityRow, authority_row
from apps.approval.selectors import policy_in_force
from apps.approval.selectors.policy_pages import LimitShown, policy_changes, policy_shown
from apps.approval.services.policy import first_draft
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console import navigation
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.forms import parse_amount
from apps.core.permissions import Permission
from tests.accounts import factories as people
from tests.applications.factories import product
from tests.approval.factories import head_of_credit, stale
from tests.approval.policy_pages import ADD, CONDITIONS, LIST, NEW, PUBLISH, World, build, shown, words
from tests.worlds import once_a_module

world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
ONE, TWO, THREE = LEVELS


@pytest.fixture
def head(world: World) -> Account:
    """Return the head of credit of an installation with its first policy."""
    return world.head


@pytest.fixture
def desk(client: Client, head: Account, db: None) -> Client:
    """Return the browser of the head of credit."""
    people.signed_in(client, head)
    return client


@pytest.fixture
def blank(world: World) -> dict[str, Any]:
    """Return what the page of a new version sends when nothing is changed."""
    return dict(world.blank)


# --- the pages ---


def test_the_bar_leads_who_manages_policies_to_them(desk: Client) -> None:
    entries = navigation.entries({Permission.POLICY_MANAGE}, "/")
    assert LIST in [child.url for entry in entries for child in entry.children]
    assert f'href="{LIST}"' in words(desk.get("/"))


def test_the_version_in_force_is_drawn_by_amount_and_grade(desk: Client) -> None:
    text = words(desk.get(LIST))
    for word in (
        "Unsecured loans", "Secured loans", "Grade A", "Grade E", "nobody", "above CNY\u00a0500,000 up to CNY\u00a02,000,000", "2 signatures",
        "Approver, level 3", "Debt service cover (DSCR)", "≥ 1.25", "first policy", "in force",
    ):  # fmt: skip
        assert word in text, word


def test_the_difference_is_shown_before_anything_is_put_in_force(desk: Client, blank: dict[str, Any]) -> None:
    response = desk.post(
        NEW, dict(blank, **{"rows-0-up_to": "600,000", "memo_days": "20", "visit_free_up_to": "50000"})
    )
    text = words(response)
    changes = [(str(each.field), each.before, each.after) for each in response.context["changes"]]
    assert ("A memo holds for, days", "30", "20") in changes
    assert ("Largest amount lent without a visit", "–", "CNY\u00a050,000") in changes
    assert any(
        name.startswith("A, B") and "500,000" in before and "600,000" in after for name, before, after in changes
    )
    assert len(changes) == 3
    assert "Put in force as shown" in text
    assert Policy.objects.count() == 1


def test_a_lowest_and_a_highest_value_of_one_measure_are_two_lines_of_its_name(head: Account) -> None:
    before = replace(policy_shown(policy_in_force().rules(), 30), limits=[])
    bounds = [LimitShown("Current ratio", "A", limit, "") for limit in ("≥ 1.20", "≤ 4.00")]
    changes = policy_changes(before, replace(before, limits=bounds))
    assert [(each.field, each.after) for each in changes] == [
        ("Current ratio · A", "≥ 1.20; beyond it: nobody"),
        ("Current ratio · A", "≤ 4.00; beyond it: nobody"),
    ]


def test_what_was_shown_is_put_in_force_on_record_with_who_and_why(
    desk: Client, head: Account, blank: dict[str, Any]
) -> None:
    response = desk.post(PUBLISH, shown(desk, blank, memo_days="20"))
    assert response["Location"] == LIST
    policy = policy_in_force()
    assert (policy.version, policy.memo_days, policy.why) == (2, 20, "Small loans are decided faster.")
    assert policy.published_by_id == head.pk
    first = Policy.objects.get(version=1)
    assert set(policy.rules().authorities) == set(first.rules().authorities)
    assert policy.rules().limits == first.rules().limits
    event = json.loads(AuditEvent.objects.filter(action=Tag.POLICY_ACTIVATED).latest("id").body)
    assert (event["person"], event["policy"], event["note"]["from"]) == (head.person_id, "2", 1)
    text = words(desk.get(LIST))
    assert head.handle in text
    assert "Small loans are decided faster." in text
    page = words(desk.get(reverse("approval:policy_version", args=[2])))
    assert "A memo holds for, days" in page


def test_what_was_typed_after_the_difference_was_shown_is_shown_first(desk: Client, blank: dict[str, Any]) -> None:
    data = shown(desk, blank, memo_days="20")
    response = desk.post(PUBLISH, {**data, "memo_days": "10"})
    assert response.status_code == 200
    assert "Put in force as shown" in words(response)
    assert Policy.objects.count() == 1


def test_a_version_made_from_an_older_one_is_not_put_in_force(desk: Client, blank: dict[str, Any]) -> None:
    data = shown(desk, blank, memo_days="20")
    services.policy_publish(actor=head_of_credit(), draft=first_draft("CNY"), why="Meanwhile.")
    response = desk.post(PUBLISH, data)
    assert response.status_code == 400
    assert "Version 2 was put in force meanwhile" in words(response)
    assert Policy.objects.count() == 2


def test_a_code_is_asked_for_before_a_version_holds(desk: Client, head: Account, blank: dict[str, Any]) -> None:
    data = shown(desk, blank, memo_days="20")
    with pytest.raises(StepUpNeeded):
        services.policy_publish(actor=stale(people.actor_for(head)), draft=first_draft("CNY"), why="Now.")
    with act(actor=people.SETUP):
        session = SessionRecord.objects.latest("id")
        session.factor_at -= people.rules.QUARTER
        session.save()
        record(Tag.SESSION_ENDED, actor=people.SETUP, subject=session)
    asked = desk.post(PUBLISH, data)
    assert asked.status_code == 403
    assert "One-time code" in words(asked)
    assert Policy.objects.count() == 1
    carried = [(name, value) for name, value in asked.context["carried"]]
    assert {"rows-0-grades"} <= {name for name, _value in carried}
    assert [value for name, value in carried if name == "rows-0-grades"] == ["A", "B"]
    desk.post(PUBLISH, {**data, "one_time_code": people.code_for(head)})
    assert policy_in_force().version == 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"why": " "}, "required"),
        ({"memo_days": "0"}, "greater than or equal to 1"),
        ({"totp_up_to": "many"}, "Enter an amount in digits"),
        ({"visit_free_up_to": "-1"}, "above zero"),
        ({"rows-0-up_to": "x"}, "Enter an amount in digits"),
        ({"rows-0-grades": []}, "Choose at least one grade"),
        ({"rows-0-grades": ["Z"]}, "valid choice"),
        ({"rows-0-first": "boss"}, "valid choice"),
        ({"rows-0-first": ""}, "required"),
        ({"limits-0-measure": "amount"}, "valid choice"),
        ({"limits-0-value": "NaN"}, "number"),
        ({"limits-0-value": "-1"}, "greater than or equal to 0"),
        ({"rows-TOTAL_FORMS": "100000"}, "at most 60"),
        ({"rows-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
        ({"nobody_for": []}, "Grade E is left open"),
        ({"nobody_for": ["D", "E"]}, "Grade D has rows, and is named as approved by nobody"),
        ({"rows-0-first": THREE, "rows-0-second": THREE}, "a larger amount would need fewer or lower signatures"),
        ({"rows-11-DELETE": "on"}, "Grade D has no row for unsecured cases"),
        ({"rows-1-up_to": "500,000"}, "two rows for the same amount"),
    ],
)
def test_what_cannot_hold_is_answered_on_the_page_with_what_was_typed(
    desk: Client, changes: dict[str, Any], complaint: str, blank: dict[str, Any]
) -> None:
    data = dict(blank, why="Kept words.")
    if "rows-11-DELETE" in changes:
        weak = next(
            name.partition("-")[2].partition("-")[0]
            for name, value in data.items()
            if name.endswith("-grades") and name.startswith("rows") and value == ["D"]
            and data[name.replace("grades", "kind")] == "unsecured"
        )  # fmt: skip
        changes = {f"rows-{weak}-DELETE": "on"}
    for url in (NEW, PUBLISH):
        response = desk.post(url, {**data, **changes})
        assert response.status_code == 400
        assert complaint in words(response)
        assert "why" in changes or "Kept words." in words(response)
    assert Policy.objects.count() == 1


def test_a_row_is_added_and_one_taken_out(desk: Client, blank: dict[str, Any]) -> None:
    data = dict(blank)
    spare = int(data["rows-INITIAL_FORMS"])
    more = {
        f"rows-{spare}-grades": ["E"], f"rows-{spare}-kind": "both", f"rows-{spare}-up_to": "10,000", f"rows-{spare}-first": THREE,
        f"rows-{spare}-second": TWO, "nobody_for": [], "limits-0-DELETE": "on",
    }  # fmt: skip
    desk.post(PUBLISH, shown(desk, blank, **more))
    rules = policy_in_force().rules()
    assert authority_row(Decimal(10_000), "E", True, rules).signatures == (TWO, THREE)
    assert len(rules.limits) == len(Policy.objects.get(version=1).limits) - 1


def test_products_beyond_all_authority_are_named(desk: Client, blank: dict[str, Any]) -> None:
    product()
    reach = dict(blank)
    rows = [
        name
        for name in reach
        if name.endswith("-up_to") and name.startswith("rows") and parse_amount(reach[name]) > 500_000
    ]
    response = desk.post(NEW, {**reach, **{name.replace("up_to", "DELETE"): "on" for name in rows}})
    assert "though “Working capital loan” lends up to CNY\u00a0" in words(response)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.APPROVER_3, Role.AUDITOR])
def test_nobody_else_manages_policies(client: Client, head: Account, role: Role) -> None:
    other = people.staff(role)
    people.signed_in(client, other)
    for url in (LIST, NEW, CONDITIONS, ADD):
        assert client.get(url).status_code == 403
    with pytest.raises(Refused):
        services.policy_publish(actor=people.actor_for(other), draft=first_draft("CNY"), why="Mine.")


def test_a_version_says_why_and_leaves_no_grade_open(head: Account) -> None:
    actor = people.actor_for(head)
    with pytest.raises(BadInput) as wrong:
        services.policy_publish(actor=actor, draft=first_draft("CNY"), why="  ")
    assert "why" in wrong.value.errors
    row = AuthorityRow(frozenset("AB"), Decimal(100), (ONE,))
    with pytest.raises(BadInput, match="Grade C is left open"):
        services.policy_publish(actor=actor, draft=services.PolicyDraft("CNY", [row]), why="Less.")


def test_pages_cost_few_queries(desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    desk.get(LIST)
    for url, most in ((LIST, 16), (NEW, 14), (CONDITIONS, 12), (reverse("approval:policy_version", args=[1]), 16)):
        with django_assert_max_num_queries(most):
            assert desk.get(url).status_code == 200


def test_a_half_typed_version_is_kept_with_its_rows_until_it_is_in_force(desk: Client, blank: dict[str, Any]) -> None:
    carried = {"draft_version": "0", "draft_basis": desk.get(NEW).context["draft"].basis}
    half = {**blank, **carried, "why": "Half a reason", "rows-0-up_to": "123,456"}
    assert desk.post(NEW, half, headers={"X-Draft": "keep"}).json()["version"] == 1
    offered = words(desk.get(NEW))
    assert "You have a draft from" in offered
    assert "123,456" not in offered
    again = words(desk.get(f"{NEW}?draft=use"))
    assert 'name="rows-0-up_to" value="123,456"' in again
    assert "Half a reason" in again
    assert "has changed since" not in again
    sent = shown(desk, blank, draft_version="1", **{"rows-0-up_to": "123,456"})
    assert desk.post(PUBLISH, sent).status_code == 302
    assert not Draft.objects.exists()


def test_an_unknown_version_is_not_found(desk: Client) -> None:
    assert desk.get(reverse("approval:policy_version", args=[9])).status_code == 404
