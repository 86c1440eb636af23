"""Who reads which part of the log: security officers and administrators their domains, through the same doors, on record."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.actors import actor_of
from apps.access.roles import LOG_DOMAINS, ROLE_TABLE, Role
from apps.access.services import role_found
from apps.accounts.models import Account
from apps.audit.domains import Domain, domain_of
from apps.audit.models import AuditEvent
from apps.audit.scope import NOTHING, WHOLE_LOG
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.audit_scope import events_visible_to, reads_everything, scope_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.audit.factories import SYSTEM
from tests.workflow import factories
from tests.workflow.engagements import bound_auditor, engaged

pytestmark = pytest.mark.django_db
AUDIT = reverse("console:audit")
SHOWN_ABOVE = {Tag.LOG_VERIFIED, Tag.ROWS_RECONCILED}  # what these found stands on the page whoever reads it
PARTIAL = (Role.SECURITY_OFFICER, Role.ADMINISTRATOR)


@pytest.fixture
def told() -> dict[str, int]:
    """One event of every action, by action."""
    case = factories.case()
    with act(actor=SYSTEM):
        for tag in set(Tag) - SHOWN_ABOVE:
            record(tag, actor=SYSTEM, subject=case)
    rows = AuditEvent.objects.order_by("pk").values_list("action", "pk")
    return {str(action): number for action, number in rows}


def numbers(client: Client, query: str = "") -> set[int]:
    """Numbers of all events that the pages of the explorer show."""
    found: set[int] = set()
    address = f"{AUDIT}?{query}"
    while address:
        text = client.get(address).content.decode()
        found |= {int(number) for number in re.findall(r"/audit/events/(\d+)/", text)}
        after = re.search(r'href="(\?[^"]*cursor=[^"]+)"', text)
        address = f"{AUDIT}{after[1].replace('&amp;', '&')}" if after else ""
    return found


@pytest.mark.parametrize("role", PARTIAL)
def test_they_read_their_domains_and_nothing_else_by_any_door(client: Client, told: dict[str, int], role: Role) -> None:
    reader = people.staff(role)
    people.signed_in(client, reader)
    inside = {number for action, number in told.items() if domain_of(action) in LOG_DOMAINS[role]}
    outside = set(told.values()) - inside
    assert inside
    assert outside
    seen = numbers(client)
    assert inside <= seen
    assert not seen & outside
    assert not numbers(client, f"action={Tag.CASE_SIGNED.value}") & outside
    for number in sorted(outside)[::9]:
        assert client.get(reverse("console:audit_event", args=[number])).status_code == 404
    assert newest(Tag.EVENT_OPENED)["outcome"] == "refused"
    for number in sorted(inside)[::9]:
        assert client.get(reverse("console:audit_event", args=[number])).status_code == 200
    assert client.get(reverse("console:audit_reviews")).status_code == 403
    assert client.get(reverse("console:audit_export")).status_code == 403


@pytest.mark.parametrize("role", PARTIAL)
def test_what_they_ask_and_open_is_on_record(client: Client, told: dict[str, int], role: Role) -> None:
    reader = people.staff(role)
    people.signed_in(client, reader)
    client.get(f"{AUDIT}?outcome=refused")
    look = newest(Tag.LOG_READ)
    assert (look["name"], look["kind"], look["note"]["filter"]) == (reader.handle, "read", {"outcome": "refused"})
    client.get(reverse("console:audit_event", args=[told[Tag.ROLE_GRANTED.value]]))
    opened = newest(Tag.EVENT_OPENED)
    assert (opened["name"], opened["note"]) == (reader.handle, {"number": told[Tag.ROLE_GRANTED.value]})


@pytest.mark.parametrize("role", PARTIAL)
def test_the_page_says_which_part_it_shows_and_hides_what_it_cannot_count(client: Client, role: Role) -> None:
    people.signed_in(client, people.staff(role))
    text = client.get(AUDIT).content.decode()
    assert "Your roles read these parts of the log: Sign-in" in text
    assert "Reads of masked fields today" not in text
    assert ("Exports today" in text) == (Domain.LOG in LOG_DOMAINS[role])
    assert reverse("console:audit_reviews") not in text
    people.signed_in(client, people.staff(Role.AUDITOR))
    whole = client.get(AUDIT).content.decode()
    assert "Your roles read" not in whole
    assert "Reads of masked fields today" in whole


def test_the_borrowers_page_shows_them_no_look_at_the_borrower(client: Client, told: dict[str, int]) -> None:
    people.signed_in(client, people.staff(Role.SECURITY_OFFICER))
    case = factories.case()
    with act(actor=SYSTEM):
        record(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=case.borrower)
    answer = client.get(reverse("console:audit_borrower", args=[case.borrower_id]))
    assert "Borrower&#x27;s value shown in clear" not in answer.content.decode()
    assert answer.status_code == 200


def test_a_branch_narrows_domains_too() -> None:
    near, far = people.branch("NEAR"), people.branch("FAR")
    reader = actor_of(people.staff(Role.SECURITY_OFFICER, near))
    with act(actor=SYSTEM):
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=near)
    grants = [people.staff(Role.APPRAISER, branch) for branch in (near, far)]
    assert len(grants) == 2
    seen = events_visible_to(reader)
    assert {event.branch for event in seen} == {near.pk}
    assert not reads_everything(reader)


def test_roles_add_up() -> None:
    both = people.staff([Role.SECURITY_OFFICER, Role.AUDITOR])
    assert scope_of(actor_of(both), Permission.AUDIT_VIEW) == WHOLE_LOG
    near = people.branch("NEAR")
    mixed = people.staff(Role.SECURITY_OFFICER)
    role_found(actor=people.SETUP, person=mixed.person, role=Role.AUDITOR, branch=near, reason="x")
    scope = scope_of(actor_of(mixed), Permission.AUDIT_VIEW)
    assert len(scope.parts) == 2
    assert {part.branches for part in scope.parts} == {None, frozenset({near.pk})}


def test_a_role_without_a_line_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LOG_DOMAINS, Role.AUDITOR)
    assert scope_of(actor_of(people.staff(Role.AUDITOR)), Permission.AUDIT_VIEW) == NOTHING
    assert scope_of(Actor.anonymous(), Permission.AUDIT_VIEW) == NOTHING
    assert Permission.AUDIT_VIEW in ROLE_TABLE[Role.AUDITOR]


@pytest.fixture
def external() -> Account:
    """An external auditor."""
    return bound_auditor("outside")


def test_days_and_places_of_an_engagement_bound_the_events(external: Account) -> None:
    near, far = factories.case(branch=people.branch("NEAR")), factories.case(branch=people.branch("FAR"))
    engaged(external, borrowers=[near.borrower_id])
    seen = {event.pk for event in events_visible_to(actor_of(external))}
    assert seen == {
        event.pk for event in AuditEvent.objects.all()
        if event.case == near.number or f"borrowers_borrower:{near.borrower_id}" in event.body
    }  # fmt: skip
    assert not seen & set(AuditEvent.objects.filter(case=far.number).values_list("pk", flat=True))


def test_events_outside_the_days_are_not_there(external: Account) -> None:
    case = factories.case()
    today = clock.today()
    engaged(external, cases=[case.number], until=today - dt.timedelta(days=1))
    assert not events_visible_to(actor_of(external)).exists()
    engaged(external, cases=[case.number], since=today, until=today)
    assert events_visible_to(actor_of(external)).exists()


def test_the_explorer_tells_an_external_auditor_the_bounds(client: Client, external: Account) -> None:
    case = factories.case()
    people.signed_in(client, external)
    assert client.get(AUDIT).status_code == 403
    engaged(external, cases=[case.number])
    people.signed_in(client, external)
    text = client.get(AUDIT).content.decode()
    assert f"You read within an audit engagement: {case.number}." in text


def test_no_page_reads_events_but_through_the_scope() -> None:
    """Whoever adds a door uses ``scope_of``: rows of the log are asked for in these two modules of the upper floors alone."""
    asking = re.compile(r"\bAudit(?:Event|Touch)\.(?:objects|_base_manager|_default_manager)\b")
    upper = [
        path
        for app in ("console", "monitoring", "reports", "portal", "api")
        for path in Path("apps", app).rglob("*.py")
    ]
    found = {str(path) for path in upper if asking.search(path.read_text())}
    assert found == {"apps/console/audit_scope.py", "apps/console/waits.py"}, "waits.py is narrowed by cards.py"


@pytest.mark.parametrize(
    "door",
    ["console:people", "console:audit_reviews", "console:audit_verify"],
)
def test_people_and_checks_of_the_house_are_no_part_of_an_engagement(client: Client, door: str) -> None:
    case = factories.case()
    auditor = bound_auditor()
    engaged(auditor, cases=[case.number])
    people.signed_in(client, auditor)
    assert client.get(AUDIT).status_code == 200
    assert client.get(reverse(door)).status_code == 403
    assert reverse(door) not in client.get(AUDIT).content.decode()
