"""Every state that a page can be in besides the good one, and how a browser comes to see it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from unittest.mock import patch

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext
from playwright.sync_api import BrowserContext, Page, expect

from apps.access.roles import Role
from apps.accounts.models import Account, SessionPulse, SessionRecord
from apps.accounts.services.sessions import session_end
from apps.approval.models import Condition
from apps.approval.selectors import memos_of, templates_in_use
from apps.approval.services import condition_add
from apps.core import clock
from apps.vault.errors import KeysUnavailable
from apps.vault.keyring import keyring
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services.steps import case_step
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.walks.visits import Place
from tests.walks.world import AWAY, HOME, NEAR

OFFICER = Role.LOAN_OFFICER
SEND = "main form[method=post] .form-buttons [type=submit].btn-primary, main form[method=post] .form-buttons [type=submit].btn-danger"
MUCH = 3 * 1024 * 1024
TOO_MANY = 6


@dataclass
class Scene:
    """One browser that comes to see one state; ``owner`` is who sits before it, if anybody does."""

    page: Page
    place: Place
    owner: Account | None
    stack: ExitStack = field(default_factory=ExitStack)

    def case(self, station: str) -> LoanCase:
        """A case of the world."""
        return self.place.world.case(station)

    def new_case(self) -> LoanCase:
        """A case of its own, so that what is done to it does not matter to others."""
        actor = self.place.world.actor(OFFICER)
        return applications.case_in_intake(actor, branch=people.branch(HOME))

    def go(self, name: str, *arguments: object, query: str = "") -> None:
        """Open a page."""
        self.page.goto(reverse(name, args=arguments) + query)

    def send(self) -> None:
        """Send the page's form and wait for the answer."""
        with self.page.expect_navigation():
            self.page.locator(SEND).first.click()

    def hold(self, method: str) -> None:
        """Let requests of a method wait for ever, as on a slow line."""
        held = lambda route: None if route.request.method == method else route.continue_()  # noqa: E731
        self.page.route("**/*", held)
        self.stack.callback(self.page.unroute_all, behavior="ignoreErrors")


Way = Callable[[Scene], None]


@dataclass(frozen=True)
class State:
    """A state: its name, who sees it, how it is reached, and what the page says in English."""

    name: str
    reach: Way
    says: str
    role: Role | None = OFFICER
    own_account: bool = False
    """Whether somebody new sits there, to whom things may happen that others should not suffer."""
    meanwhile: Callable[[], AbstractContextManager[object]] = nullcontext


def empty_list(scene: Scene) -> None:
    scene.go("workflow:cases", query="?grade=E")


def empty_queue(scene: Scene) -> None:
    scene.go("console:work")


def loading_form(scene: Scene) -> None:
    """A form is on its way and the line is slow."""
    scene.go("workflow:freeze", scene.new_case().number)
    scene.page.fill("[name=text]", "An enquiry runs.")
    expect(scene.page.locator("#draft-status")).not_to_be_empty()
    scene.page.evaluate("window.addEventListener('submit', (event) => event.preventDefault())")  # as if no answer came
    scene.page.locator(SEND).first.click()
    expect(scene.page.locator(".at-work")).to_be_visible()


def loading_part(scene: Scene) -> None:
    """A part of a page is asked for and the line is slow."""
    scene.go("borrowers:borrower", scene.case("intake").borrower_id)
    scene.hold("GET")
    scene.page.locator(".masked-field a").first.click(no_wait_after=True)
    expect(scene.page.locator(".htmx-request")).to_be_visible()


def refused(scene: Scene) -> None:
    """Who froze a case cannot lift the freeze."""
    scene.go("workflow:unfreeze", scene.case("frozen").number)
    scene.page.locator("[name=reasons]").first.check()
    scene.page.fill("[name=text]", "The enquiry is over.")
    scene.send()


def stale(scene: Scene) -> None:
    """An officer takes the case while a lead is about to freeze it."""
    case = scene.new_case()
    scene.go("workflow:freeze", case.number)
    scene.page.locator("[name=reasons]").first.check()
    scene.page.fill("[name=text]", "The papers look doubtful.")
    case_step(actor=scene.place.world.actor(OFFICER), case=case, event=Event.CLAIM, version=case.version)
    scene.send()


def voided(scene: Scene) -> None:
    """A memo whose signatures count no longer, as a condition was set after it."""
    case = scene.case("approval")
    if len(memos_of(case)) == 1:
        approver = scene.place.world.actor(Role.APPROVER_2)
        held = set(Condition.objects.filter(case=case).values_list("code", flat=True))
        free = next(each.code for each in templates_in_use() if each.code not in held)
        condition_add(actor=approver, case=case, version=case.version, code=free)
    scene.go("approval:memo_numbered", case.number, 1)


def waiver_shown(scene: Scene) -> None:
    """What is let go and why, to be signed."""
    case = scene.case("conditions")
    condition = Condition.objects.filter(case=case).order_by("pk").last()
    assert condition is not None
    scene.go("disbursement:condition_waive", case.number, condition.uuid)
    scene.page.fill(
        "[name=reason]",
        "The insurer needs two more weeks for the policy; cover runs meanwhile under its written note of the third.",
    )
    scene.page.fill("[name=deferred_to]", (clock.today() + dt.timedelta(days=14)).isoformat())
    scene.send()


def frozen(scene: Scene) -> None:
    scene.page.goto(scene.case("frozen").get_absolute_url())


def half_typed(scene: Scene) -> str:
    """A form with something typed in and kept; returns its address."""
    case = scene.new_case()
    scene.go("workflow:ask_borrower", case.number)
    scene.page.fill("[name=text]", "Which of the two leases is the one of the shop?")
    expect(scene.page.locator("#draft-status")).not_to_be_empty()
    return reverse("workflow:ask_borrower", args=[case.number])


def draft_offered(scene: Scene) -> None:
    scene.page.goto(half_typed(scene))


def draft_used(scene: Scene) -> None:
    """After signing in again one lands on the page with the draft put in; the case has changed since."""
    address = half_typed(scene)
    case = LoanCase.objects.get(number=address.split("/")[2])
    case_step(actor=scene.place.world.actor(OFFICER), case=case, event=Event.CLAIM, version=case.version)
    scene.page.goto(f"{address}?draft=use")


def draft_newer(scene: Scene) -> None:
    """The same form stands open in two windows, and the other one has typed last."""
    case = scene.new_case()
    address = reverse("workflow:ask_borrower", args=[case.number])
    scene.page.goto(address)
    other = scene.page.context.new_page()
    other.goto(address)
    other.fill("[name=text]", "Which lease?")
    expect(other.locator("#draft-status")).not_to_be_empty()
    other.close()
    scene.page.fill("[name=text]", "Which of the leases?")
    expect(scene.page.locator("#draft-instead")).to_be_visible()


def signed_out(scene: Scene) -> None:
    """The session ended while a form was filled in."""
    half_typed(scene)
    _end(scene)
    scene.page.fill("[name=text]", "Which lease?")
    scene.page.locator(SEND).first.click()
    expect(scene.page.locator("#draft-out")).to_be_visible()


def sign_in_again(scene: Scene) -> None:
    """Nobody touched the page for a quarter of an hour."""
    SessionPulse.objects.filter(session__account=scene.owner).update(seen_at=clock.now() - dt.timedelta(minutes=16))
    scene.go("console:work")


def _end(scene: Scene) -> None:
    for session in SessionRecord.objects.filter(account=scene.owner, ended_at=None):
        session_end(actor=people.SETUP, session=session, reason="idle")


def wrong(scene: Scene) -> None:
    """A form came back with what is wrong with it."""
    scene.go("borrowers:edit", scene.case("intake").borrower_id)
    scene.page.fill("[name=legal_name]", "")
    scene.page.fill("[name=identifier]", "91110000600037341")
    scene.send()


def checked(scene: Scene) -> None:
    """A field is wrong and was just left."""
    scene.go("borrowers:edit", scene.case("intake").borrower_id)
    scene.page.fill("[name=identifier]", "91110O00600037341L")
    scene.page.press("[name=identifier]", "Tab")
    expect(scene.page.locator("#id_identifier_error")).to_be_visible()


def without_keys(scene: Scene) -> None:
    """A masked value is asked for while the key service is away."""
    borrower = scene.case("intake").borrower
    keyring.clear()
    scene.go("borrowers:reveal", borrower.pk, "business", borrower.pk, "identifier")
    scene.page.locator("[name=purpose]").first.check()
    scene.send()


def masked_without_keys(scene: Scene) -> None:
    """A page of masked values while the key service is away."""
    borrower = scene.case("intake").borrower
    keyring.clear()
    scene.go("borrowers:borrower", borrower.pk)


def queue_without_keys(scene: Scene) -> None:
    """The queue while the key service is away."""
    keyring.clear()
    scene.go("console:work", query="?tab=branch")


@contextlib.contextmanager
def keys_away() -> Iterator[None]:
    def away(*_args: object, **_kwargs: object) -> None:
        raise KeysUnavailable(gettext("The key service of AWS does not answer."))

    with patch("apps.vault.keyservice.local.LocalFile.unwrap_many", side_effect=away):
        yield
    keyring.clear()


def missing(scene: Scene) -> None:
    scene.page.goto("/no/such/page/")


def not_open(scene: Scene) -> None:
    scene.go("console:audit")


def broken(scene: Scene) -> None:
    scene.go("workflow:case", scene.case("intake").number)


def breaking() -> AbstractContextManager[object]:
    return patch("apps.workflow.views.case.case_get", side_effect=ZeroDivisionError)


def too_large(scene: Scene) -> None:
    """More than any form takes."""
    scene.go("workflow:ask_borrower", scene.case("intake").number)
    scene.page.evaluate(
        "much => { const form = document.querySelector('main form[method=post]'); form.text.removeAttribute('maxlength');"
        " form.text.value = 'x'.repeat(much); }",
        MUCH,
    )
    scene.send()


def too_often(scene: Scene) -> None:
    """One password after another."""
    for _attempt in range(TOO_MANY):
        scene.go("accounts:sign_in")
        scene.page.fill("[name=name]", "somebody-else")
        scene.page.fill("[name=password]", "a wrong one, and long enough")
        with scene.page.expect_navigation():
            scene.page.locator("main form .btn-primary[type=submit]").first.click()


def expired(scene: Scene) -> None:
    """The browser has lost the token that belongs to the form."""
    scene.go("workflow:freeze", scene.case("intake").number)
    scene.page.evaluate("for (const one of document.querySelectorAll('[name=csrfmiddlewaretoken]')) one.value = 'x'")
    scene.send()


STATES: tuple[State, ...] = (
    State("empty-list", empty_list, "Nothing fits these filters"),
    State("empty-queue", empty_queue, "Nothing", own_account=True),
    State("loading-form", loading_form, "Freeze", Role.TEAM_LEAD),
    State("loading-part", loading_part, ""),
    State("refused", refused, "another person has to lift it", Role.TEAM_LEAD),
    State("refused-page", not_open, "Who can:"),
    State("stale", stale, "Somebody was faster", Role.TEAM_LEAD),
    State("voided", voided, "void", Role.APPROVER_2),
    State("waiver-to-sign", waiver_shown, "You let the money go before this condition is met", Role.APPROVER_2),
    State("frozen", frozen, "frozen"),
    State("draft-offered", draft_offered, "You have a draft from"),
    State("draft-used", draft_used, "What this form speaks of has changed since then"),
    State("draft-newer", draft_newer, "A newer draft of this form"),
    State("session-ended", signed_out, "You were signed out", own_account=True),
    State("session-sign-in", sign_in_again, "You were signed out after 15 minutes", own_account=True),
    State("wrong", wrong, "Please look at this again"),
    State("wrong-field", checked, "look at “O”"),
    State("keys-away", without_keys, "The key service of AWS does not answer.", meanwhile=keys_away),
    State("keys-away-masked", masked_without_keys, "••••", meanwhile=keys_away),
    State("keys-away-queue", queue_without_keys, "LF-", meanwhile=keys_away),
    State("error-missing", missing, "There is nothing here"),
    State("error-broken", broken, "Something broke on our side", meanwhile=breaking),
    State("error-too-large", too_large, "That is too much at once"),
    State("error-too-often", too_often, "Too many attempts.", None),
    State("error-expired", expired, "The form has expired", Role.TEAM_LEAD),
)
SLOW = {"loading-form", "loading-part"}
"""States that are over as soon as the page is asked for anything."""


@contextlib.contextmanager
def staged(context: BrowserContext, place: Place, state: State) -> Iterator[Page]:
    """Bring a browser into a state; the value is the page as it stands then."""
    owner = _owner(place, state)
    context.clear_cookies()
    if owner is not None:
        client = Client()
        people.signed_in(client, owner)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": place.site}])
    page = context.new_page()
    scene = Scene(page, place, owner)
    with scene.stack:
        with state.meanwhile():
            state.reach(scene)
        yield page
    page.close()


def _owner(place: Place, state: State) -> Account | None:
    if state.own_account:
        return people.staff(state.role or OFFICER, people.branch(AWAY if state.name.startswith("empty") else HOME))
    return place.world.account(NEAR, state.role) if state.role else None
