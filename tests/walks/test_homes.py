"""The first page of each role in a full house: which cards it shows, that each leads somewhere, what it costs."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.roles import Role
from apps.core import clock
from apps.vault.keyring import keyring
from tests.accounts import factories as people
from tests.walks.test_queries import MARKS
from tests.walks.world import FAR, NEAR, World
from tests.walks.world import HOUSE as WHOLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
MOST = 25
CARD = re.compile(
    r'<a class="card tile" href="([^"]+)"><span class="tile-label">([^<]+)</span><span class="[^"]+">([^<]+)</span>'
)
WORKS = {"Waits for you", "Overdue", "Unassigned, for you to take"}
LATE = {"Loans overdue", "Conditions after payout overdue"}
LOG = {"Integrity of the log", "Refusals today"}
CARDS: dict[Role, set[str]] = {
    Role.LOAN_OFFICER: WORKS, Role.CREDIT_ANALYST: WORKS, Role.APPRAISER: WORKS, Role.APPROVER_1: WORKS, Role.APPROVER_2: WORKS,
    Role.APPROVER_3: WORKS,
    Role.COMMITTEE_SECRETARY: {"Cases in approval", "Approvals overdue", "Waiting for the applicant"},
    Role.DISBURSEMENT_REVIEWER: WORKS | {"Evidence to verify", "Cases with conditions open"},
    Role.PAYMENT_MAKER: WORKS | {"Cases ready for a payment", "Payments waiting for their checker"},
    Role.PAYMENT_CHECKER: WORKS | {"Payments to release"},
    Role.POST_LOAN_OFFICER: WORKS | LATE | {"Payments in doubt", "Payments the bank has not answered"},
    Role.TEAM_LEAD: LATE | {"Repayments to post", "Frozen cases"},
    Role.HEAD_OF_CREDIT: LATE | {"Policies to come into force", "Paying accounts to confirm"},
    Role.COMPLIANCE_OFFICER: LOG | {"Frozen cases", "Looks at masked data today"},
    Role.AUDITOR: LOG | {"Looks at masked data today"},
    Role.SECURITY_OFFICER: LOG | {"Locked out now"},
    Role.ADMINISTRATOR: {"Invited, not enrolled yet", "Paying accounts to confirm", "Locked out now", "Refusals today"},
}  # fmt: skip
ASKED = {
    "Roles waiting for your agreement", "Delegations waiting for your agreement", "Exports in clear to answer",
    "Stretches of the log to answer", "Requests of your people for rights", "Rights to give", "Rights to review",
}  # fmt: skip
"""Cards that are there only while something waits."""
WAITING = {
    (Role.PAYMENT_CHECKER, "Payments to release"): "1", (Role.PAYMENT_MAKER, "Payments waiting for their checker"): "1",
    (Role.DISBURSEMENT_REVIEWER, "Evidence to verify"): "1", (Role.DISBURSEMENT_REVIEWER, "Cases with conditions open"): "1",
    (Role.TEAM_LEAD, "Repayments to post"): "1", (Role.TEAM_LEAD, "Frozen cases"): "1", (Role.COMMITTEE_SECRETARY, "Cases in approval"): "1",
    (Role.COMMITTEE_SECRETARY, "Waiting for the applicant"): "1", (Role.HEAD_OF_CREDIT, "Paying accounts to confirm"): "1",
}  # fmt: skip
"""What waits near the rich case; nothing of it waits for the same role of another branch, but for what is the house's."""
HOUSE = {"Paying accounts to confirm"}


def cards(client: Client) -> dict[str, tuple[str, str]]:
    """Address and figure of each card by its words."""
    text = client.get("/").content.decode()
    return {html.unescape(words): (html.unescape(url), figure) for url, words, figure in CARD.findall(text)}


@pytest.mark.parametrize("role", list(CARDS))
def test_a_home_shows_what_waits_and_each_card_opens(world: World, client: Client, role: Role) -> None:
    people.signed_in(client, world.account(NEAR, role))
    shown = cards(client)
    assert set(shown) - ASKED == CARDS[role]
    assert list(shown)[: len(ASKED & set(shown))] == [label for label in shown if label in ASKED], "they come first"
    assert "0" not in {shown[label][1] for label in ASKED & set(shown)}
    for label, (url, figure) in shown.items():
        assert client.get(url).status_code == 200, (label, url)
        assert figure == WAITING.get((role, label), figure), label


@pytest.mark.parametrize("role", [Role.COMPLIANCE_OFFICER, Role.HEAD_OF_CREDIT])
def test_a_role_that_waits_for_an_agreement_is_told_to_who_can_agree(world: World, client: Client, role: Role) -> None:
    people.signed_in(client, world.account(WHOLE, role))
    address, figure = cards(client)["Roles waiting for your agreement"]
    assert int(figure) >= 1
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("role", list(dict.fromkeys(role for role, _label in WAITING)))
def test_nothing_of_another_branch_is_counted(world: World, client: Client, role: Role) -> None:
    people.signed_in(client, world.account(FAR, role))
    shown = cards(client)
    counted = {label: shown[label][1] for one, label in WAITING if one == role and label not in HOUSE}
    assert set(counted.values()) <= {"0"}, counted


@pytest.mark.parametrize("role", list(CARDS))
def test_a_home_costs_no_more_than_any_page(world: World, client: Client, role: Role) -> None:
    people.signed_in(client, world.account(NEAR, role))
    with clock.at(clock.now()):
        client.get("/account/")
        keyring.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
    questions = [query["sql"][:120] for query in asked if not query["sql"].startswith(MARKS)]
    assert len(questions) <= MOST, questions
