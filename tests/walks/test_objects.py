"""Who reaches a real object: every address with its real arguments, by people who stand differently to the object.

Another branch, a conflict of interest and another borrower answer 404, whatever the method, and never say that there is
something; a share opens reading and nothing more; a freeze lets people read and stops every step.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.gate import mark_of
from apps.access.models import Delegation
from apps.access.roles import ROLE_TABLE, SEES_CASES, Role
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.world import BLOCKED, FAR, NEAR, OWNER, RICH, SHARED, STRANGER, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

METHODS = ("get", "head", "post", "put", "delete", "options")
REFRESH = "approval:refresh"  # anybody who reads a memo may have the system look whether it still fits its case
HTMX = {"hx-request": "true"}  # errors as fragments: a third of a page's cost
STILL_OPEN = {REFRESH, "approval:negotiate"}
"""Pages that go back with nothing done where there is no memo and no offer."""
OF_THE_HOUSE = {
    "approval:policy_version", "approval:template_use", "disbursement:paying_confirm", "disbursement:paying_reject",
    "portal:announcement", "portal:announcement_end", "portal:announcement_put_away",
}  # fmt: skip
"""Pages of those apps about what belongs to the institution and to no case."""
OF_CASES = {
    "applications",
    "approval",
    "borrowers",
    "collateral",
    "credit_review",
    "disbursement",
    "portal",
    "post_loan",
    "workflow",
}


def object_pages(world: World, case: LoanCase) -> Iterator[tuple[Page, str]]:
    """Every page about a case, its borrower or its loans, with its real address."""
    for page in pages():
        about = page.names and page.name.partition(":")[0] in OF_CASES and page.name not in OF_THE_HOUSE
        arguments = arguments_of(page, world, case) if about else None
        if arguments is not None:
            yield page, page.at(arguments)


def seat(world: World, place: str, role: Role) -> Client:
    """A signed-in browser of somebody."""
    client = Client()
    people.signed_in(client, world.account(place, role))
    return client


def staff_roles_for(page: Page) -> set[Role]:
    """Roles of staff that a page is open to."""
    return {role for role in Role if role != Role.BORROWER and open_to(page, role)}


def one_role_each(found: list[tuple[Page, str]]) -> dict[Role, list[tuple[Page, str]]]:
    """Pages by one role that each is open to, so that as few people as possible see all of them."""
    left, chosen = list(found), {}
    while left:
        best = max(Role, key=lambda role: sum(role in staff_roles_for(page) for page, _address in left))
        taken = [each for each in left if best in staff_roles_for(each[0])]
        if not taken:
            break
        chosen[best] = taken
        left = [each for each in left if each not in taken]
    return chosen


def answers(client: Client, address: str, methods: tuple[str, ...] = METHODS) -> dict[str, int]:
    """What each method answers."""
    return {method: getattr(client, method)(address, headers=HTMX).status_code for method in methods}


def hidden(told: dict[str, int]) -> bool:
    """Tell whether the answers give nothing away: 404, or 405 for methods that the page does not know for anybody."""
    return set(told.values()) <= {404, 405} and 404 in told.values()


def test_people_of_another_branch_find_nothing_by_any_method(world: World) -> None:
    chosen = one_role_each(list(object_pages(world, world.case())))
    assert sum(map(len, chosen.values())) > 80
    seen = {}
    for role, found in chosen.items():
        client = seat(world, FAR, role)
        for at, (page, address) in enumerate(found):
            told = answers(client, address, METHODS if at % 4 == 0 else ("get", "post"))
            if not hidden(told):
                seen[str(page), role] = told
    assert seen == {}


def test_who_is_kept_off_a_case_finds_nothing_of_it(world: World) -> None:
    """The borrower and its other cases stay open: the block is on the case."""
    client, seen = seat(world, BLOCKED, Role.LOAN_OFFICER), {}
    for page, address in object_pages(world, world.case()):
        if Role.LOAN_OFFICER in staff_roles_for(page) and not page.name.startswith("borrowers:"):
            told = answers(client, address, ("get", "post"))
            if not hidden(told):
                seen[str(page)] = told
    assert seen == {}


def test_another_borrower_finds_nothing_in_the_portal(world: World) -> None:
    client, seen = seat(world, STRANGER, Role.BORROWER), {}
    cases = [world.case(station) for station in (RICH, "online")]
    found = [each for case in cases for each in object_pages(world, case) if open_to(each[0], Role.BORROWER)]
    assert len(found) > 40
    for page, address in found:
        told = answers(client, address)
        if not hidden(told):
            seen[str(page)] = told
    assert seen == {}
    owner = seat(world, OWNER, Role.BORROWER)
    assert {owner.get(address).status_code for page, address in found if page.name == "portal:case"} == {200}


def deputy_of(world: World, place: str) -> Client:
    """The near analyst's browser, acting for the loan officer of a branch."""
    client, principal = seat(world, NEAR, Role.CREDIT_ANALYST), world.account(place, Role.LOAN_OFFICER).person
    row = Delegation.objects.get(principal=principal, role=Role.LOAN_OFFICER)
    assert client.post(reverse("console:delegation_act", args=[row.uuid])).status_code == 302
    return client


def test_a_deputy_is_shown_what_the_principal_is_and_nothing_of_their_own(world: World) -> None:
    principal, client, differs = seat(world, NEAR, Role.LOAN_OFFICER), deputy_of(world, NEAR), {}
    own = {Role.LOAN_OFFICER, Role.CREDIT_ANALYST}
    for page, address in object_pages(world, world.case()):
        if staff_roles_for(page) & own:
            told = [each.get(address, headers=HTMX).status_code for each in (principal, client)]
            if told[0] != told[1]:
                differs[str(page)] = told
    assert differs == {}


def test_a_deputy_of_another_branchs_officer_finds_nothing_here(world: World) -> None:
    client, seen = deputy_of(world, FAR), {}
    for page, address in object_pages(world, world.case()):
        if Role.LOAN_OFFICER in staff_roles_for(page):
            told = answers(client, address, ("get", "post"))
            if not hidden(told):
                seen[str(page)] = told
    assert seen == {}


def test_a_share_opens_reading_and_no_step(world: World) -> None:
    client, case = seat(world, SHARED, Role.LOAN_OFFICER), world.case()
    opened, wrong = set(), {}
    for page, address in object_pages(world, case):
        if Role.LOAN_OFFICER not in staff_roles_for(page) or page.name.startswith("borrowers:"):
            continue
        reading = set(mark_of(page.view)) & ROLE_TABLE[Role.LOAN_OFFICER] <= SEES_CASES
        told = answers(client, address, ("get", "post"))
        opened |= {page.name} if told["get"] == 200 else set()
        if not reading and told["post"] < 400 and page.name != REFRESH:
            wrong[str(page)] = told
    assert wrong == {}
    assert {"workflow:case", "credit_review:review", "collateral:overview", "post_loan:loan"} <= opened
    assert world.case().version == case.version


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.CREDIT_ANALYST, Role.PAYMENT_CHECKER])
def test_a_frozen_case_is_read_and_takes_no_step(world: World, role: Role) -> None:
    client, case = seat(world, NEAR, role), world.case("frozen")
    taken = {}
    for page, address in object_pages(world, case):
        if role not in staff_roles_for(page) or page.name in STILL_OPEN or page.name.startswith("borrowers:"):
            continue
        status = client.post(address, {"version": case.version}, headers=HTMX).status_code
        if status < 400:
            taken[str(page)] = status
    assert taken == {}
    assert client.get(case.get_absolute_url()).status_code == 200
    now = world.case("frozen")
    assert (now.state, now.version) == (case.state, case.version)


def test_objects_of_one_case_are_not_found_under_another(world: World) -> None:
    """The address of another case of the same branch with this case's document, asset, payment …: 404, not theirs."""
    rich, other = world.case(), world.case("draft")
    seen = {}
    by_role = one_role_each(list(object_pages(world, rich)))
    for role, found in by_role.items():
        client = seat(world, NEAR, role)
        for page, _address in found:
            arguments = arguments_of(page, world, rich) or {}
            inner = set(arguments) - {
                "number",
                "pk",
                "position",
                "decision",
                "language",
                "memo_number",
                "sort",
                "field",
            }
            if arguments.get("number") != rich.number or not inner:
                continue
            status = client.get(page.at({**arguments, "number": other.number}), headers=HTMX).status_code
            if status not in (404, 405):
                seen[str(page)] = status
    assert seen == {}


def test_a_borrower_sees_no_page_of_the_bank(world: World) -> None:
    """Objects of their own are no exception: outside the portal the answer is the same for every borrower."""
    client = seat(world, OWNER, Role.BORROWER)
    inside = [each for each in object_pages(world, world.case()) if Permission.PORTAL_USE not in mark_of(each[0].view)]
    told = {str(page): client.get(address, headers=HTMX).status_code for page, address in inside[::4]}
    assert {page: status for page, status in told.items() if status != 403} == {}
    assert RICH in world.cases
