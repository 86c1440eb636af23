"""What each page costs: every list, detail and form page of the URL table asks the database a bounded number of times.

The bound of a page stands in ``costs.MOST``; a page without one fails the walk. The same page is asked for again when everything
on the case is there four times: no page may cost more for more rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.apps.registry import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.gate import mark_of
from apps.access.roles import Role
from apps.approval.models import Policy
from apps.borrowers.models import StaffInterest
from apps.core import clock
from apps.core.requires import PUBLIC
from apps.vault.keyring import keyring
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.costs import MOST
from tests.walks.multiplied import copied, multiplied
from tests.walks.world import FAR, HOUSE, NEAR, OWNER, RICH, STAFF, World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("world"),
    pytest.mark.unrecorded,  # rows are copied by the dozen, only to be counted
]

MANY = {
    "applications.Document", "applications.VisitReport", "borrowers.BankAccount", "borrowers.Party", "collateral.Asset", "collateral.Valuation",
    "credit_review.BureauReport", "disbursement.Drawdown", "post_loan.Loan", "post_loan.Repayment", "workflow.Facility",
    "workflow.Message",
}  # fmt: skip
"""Kinds of rows that are there four times at the second look; a kind that this misses would not be measured."""
MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT")
"""Where a part of a transaction begins and ends is no question: outside of a test these are BEGIN and COMMIT."""
KEPT = (
    "access.Delegation",
    "access.RoleGrant",
    "approval.ConditionTemplate",
    "approval.Policy",
    "console.SavedFilter",
)
"""Kinds of rows that belong to no case and stand in lists of their own."""
STATION = {
    "approval:sign": "approval",
    "applications:versions": "corrected",
    "applications:duplicate": "intake",
    "credit_review:alert_explain": "credit_review",
    "workflow:reply": "credit_review",
    "portal:own_document": "online",
    "portal:own_document_file": "online",
    "approval:review": "declined",
}
"""Stations of pages that the rich case cannot show."""
WHOLE = {
    "console:audit_reviews",
    "console:audit_retiring",
    "console:audit_retiring_agree",
    "console:audit_retiring_decline",
    "console:engagements",
    "console:engagement_new",
    "console:engagement_agree",
    "console:engagement_end",
    "console:retention",
}
"""Pages for roles over all branches alone."""
ONLINE = "portal:apply"
"""How the names of pages for a draft of the portal begin."""
ROLE = {
    "approval:sign": Role.APPROVER_2,
    **dict.fromkeys(("console:grants", "console:grant_approve", "console:grant_reject"), Role.ADMINISTRATOR),
}
ELSEWHERE = {
    "accounts:email_code", "accounts:enrol", "accounts:factor", "accounts:recovery", "accounts:sign_in", "accounts:replace_confirm",
    "accounts:invitation", "accounts:register", "accounts:registered", "accounts:register_finish", "set_language", "monitoring:healthz", "applications:document_page", "applications:upload", "applications:upload_preview",
    "disbursement:paper_page", "portal:own_document_page",
}  # fmt: skip
"""Pages of the way in, before anybody is signed in, pictures that need a ticket of their page, files on their way."""


@dataclass(frozen=True)
class Look:
    """One look at a page: by whom, and at which address."""

    page: Page
    role: Role
    address: str

    @property
    def place(self) -> str:
        """Where whoever looks stands."""
        return OWNER if self.role == Role.BORROWER else HOUSE if self.page.name in WHOLE else NEAR

    @property
    def seat(self) -> tuple[str, str]:
        """Key of the browser of whoever looks."""
        return self.place, str(self.role)


def station_of(page: Page) -> str:
    """The station whose case a page is shown for."""
    return STATION.get(page.name) or ("online" if page.name.startswith(ONLINE) else RICH)


def looks(world: World) -> Iterator[Look]:
    """Every page with the first role that it is open to, and a case that it can show."""
    cases = {station: world.case(station) for station in world.cases}
    for page in pages():
        if page.name in ELSEWHERE or mark_of(page.view) == PUBLIC:
            continue
        arguments = arguments_of(page, world, cases[station_of(page)])
        assert arguments is not None, f"{page} has no object at its station: see STATION"
        staff = Role.LOAN_OFFICER if isinstance(mark_of(page.view), str) else None
        role = ROLE.get(page.name) or staff or next(role for role in Role if open_to(page, role))
        yield Look(page, role, page.at(arguments))


def costs(world: World, clients: Mapping[tuple[str, str], Client], wanted: list[Look]) -> dict[str, int]:
    """Queries of each page that answers a GET, with no key in memory. Time stands: the minute's pulse of a session is no page's cost."""
    found = {}
    with clock.at(clock.now()):
        for client in clients.values():
            client.get(reverse("accounts:profile"))
        for look in wanted:
            keyring.clear()
            with CaptureQueriesContext(connection) as asked:
                answer = clients[look.seat].get(look.address)
            assert answer.status_code in (200, 405), (str(look.page), look.role, answer.status_code)
            if answer.status_code == 200:
                found[look.page.key] = sum(not each["sql"].startswith(MARKS) for each in asked.captured_queries)
    return found


@pytest.fixture
def clients(world: World) -> dict[tuple[str, str], Client]:
    """A browser for each role, signed in, and for those who cover the whole house."""
    return seats_of(world)


def seats_of(world: World) -> dict[tuple[str, str], Client]:
    """Browsers by place and role."""
    places = [(OWNER if role == Role.BORROWER else NEAR, str(role)) for role in Role]
    seats = {place: Client() for place in [*places, *((HOUSE, role) for role in world.handles[HOUSE])]}
    for (place, role), client in seats.items():
        people.signed_in(client, world.account(place, role))
    return seats


def _policies_read() -> None:
    """Read every policy's rules, which a process does once: whether an earlier test did so is no page's cost."""
    for policy in Policy.objects.all():
        policy.rules()


def test_every_page_costs_a_bounded_number_of_queries_however_many_rows(
    world: World, clients: dict[tuple[str, str], Client]
) -> None:
    _policies_read()
    wanted = list(looks(world))
    few = costs(world, clients, wanted)
    assert set(few) - set(MOST) == set(), "say in MOST what these pages may cost"
    assert {page: (cost, MOST[page]) for page, cost in few.items() if cost > MOST[page]} == {}

    case: LoanCase = world.case()
    assert multiplied(case, case.borrower) >= MANY
    for station in sorted({"online", *STATION.values()}):
        other = world.case(station)
        multiplied(other, other.borrower)
    assert all(copied(apps.get_model(label)._default_manager.latest("pk")) for label in KEPT)
    _policies_read()
    tie = StaffInterest.objects.get(borrower=case.borrower)
    assert all(copied(tie, 1, person=world.account(FAR, role).person) for role in STAFF[:3])
    many = costs(world, clients, [look for look in wanted if look.page.key in few])
    assert {page: (few[page], cost) for page, cost in many.items() if cost > few[page]} == {}
