"""Where a browser goes on its round through every page, and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.accounts.services.enrolment import device_prepare
from apps.accounts.services.people import Particulars, person_invite
from tests.accounts import factories as people
from tests.walks.costs import MOST
from tests.walks.test_queries import looks
from tests.walks.world import HOUSE, NEAR, OWNER, World

STATIONS = {
    "workflow:case": (
        "draft", "intake", "credit_review", "collateral_check", "approval", "offered", "contracting", "conditions", "waiting",
        "withdrawn", "frozen", "online", "declined",
    ),
    "applications:stage": ("draft", "intake"),
    "credit_review:review": ("credit_review",),
    "collateral:overview": ("collateral_check",),
    "approval:memo": ("approval", "offered"),
    "approval:offer": ("offered",),
    "disbursement:contract": ("contracting",),
    "disbursement:conditions": ("conditions",),
}  # fmt: skip
"""Pages of many faces, and the stations that show them."""
PORTAL_STATIONS = ("online", "offered", "waiting", "draft", "declined")


@dataclass(frozen=True)
class Stop:
    """One page to go to; nobody is signed in where there is no ``role``, somebody has begun to where a ``handle`` is named."""

    name: str
    role: Role | None
    address: str
    handle: str = ""
    place: str = ""


def stops(world: World) -> list[Stop]:
    """Every page that can be looked at, once, and those of many faces with each of them; in the order of people."""
    each = [
        Stop(look.page.key, look.role, look.address, place=look.place) for look in looks(world) if look.page.key in MOST
    ]
    found = {stop.name: stop for stop in [*each, *_homes(), *_stations(world), *_answers()]}
    order = [None, *Role]
    return sorted(found.values(), key=lambda stop: (order.index(stop.role), stop.place == HOUSE, stop.name))


def _homes() -> Iterator[Stop]:
    """The first page of each role."""
    for role in Role:
        yield Stop(f"console:home-{role}", role, "/portal/" if role == Role.BORROWER else "/")


def _stations(world: World) -> Iterator[Stop]:
    for name, stations in STATIONS.items():
        for station in stations:
            yield Stop(f"{name}-{station}", Role.LOAN_OFFICER, reverse(name, args=[world.case(station).number]))
    for station in PORTAL_STATIONS:
        yield Stop(f"portal:case-{station}", Role.BORROWER, reverse("portal:case", args=[world.case(station).number]))


def _answers() -> Iterator[Stop]:
    """What was searched for, what is not there, and what is not open."""
    yield Stop("console:search-found", Role.LOAN_OFFICER, f"{reverse('console:search')}?q=Songhua")
    yield Stop("console:work-branch", Role.TEAM_LEAD, f"{reverse('console:work')}?tab=branch")
    yield Stop("console:hand_over-cases", Role.TEAM_LEAD, f"{reverse('console:hand_over')}?holder=near-loan_officer")
    yield Stop("tour-staff", Role.LOAN_OFFICER, "/?tour=1")
    yield Stop("tour-portal", Role.BORROWER, "/portal/?tour=1")
    yield Stop("error-missing", Role.LOAN_OFFICER, "/no/such/page/")
    yield Stop("error-missing-stranger", None, "/no/such/page/")
    yield Stop("error-refused", Role.LOAN_OFFICER, reverse("console:audit"))


def way_in(world: World) -> list[Stop]:
    """Pages before somebody is signed in, with those for whom they are open: two who were invited, two half-way in."""
    token, new = _invited("newcomer-1")[1], _invited("newcomer-2")[0]
    auditor = world.account(NEAR, Role.AUDITOR)
    device_prepare(actor=people.actor_for(auditor), account=auditor)
    owner, officer = world.account(OWNER, Role.BORROWER), world.account(NEAR, Role.LOAN_OFFICER)
    people.email_code(owner)
    return [
        Stop("accounts:sign_in", None, reverse("accounts:sign_in")),
        Stop("console:lost_device", None, reverse("console:lost_device")),
        Stop("console:lost_device_told", None, reverse("console:lost_device_told")),
        Stop("portal:safety", None, reverse("portal:safety")),
        Stop("portal:safety-signed-in", Role.BORROWER, reverse("portal:safety")),
        Stop("accounts:invitation", None, reverse("accounts:invitation", args=[token])),
        Stop("accounts:invitation-gone", None, reverse("accounts:invitation", args=["no-such-invitation"])),
        Stop("accounts:enrol", None, reverse("accounts:enrol"), new.handle),
        Stop("accounts:factor", None, reverse("accounts:factor"), officer.handle),
        Stop("accounts:recovery", None, reverse("accounts:recovery"), officer.handle),
        Stop("accounts:email_code", None, reverse("accounts:email_code"), owner.handle),
        Stop("accounts:replace_confirm", Role.AUDITOR, reverse("accounts:replace_confirm")),
    ]


def _invited(handle: str) -> tuple[Account, str]:
    who = Particulars(handle=handle, name="Somebody New", email=f"{handle}@example.test", kind="staff")
    made = person_invite(actor=people.SETUP, who=who)
    return made.account, made.token
