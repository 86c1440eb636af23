"""The frame of every page: which places, how many wait, who is signed in; home by role and the notices."""

from __future__ import annotations

import html
import itertools
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import ROLE_TABLE, Role, permissions_of
from apps.console import navigation
from apps.console.context import Chrome
from apps.core.permissions import Permission
from apps.workflow.process import Event
from apps.workflow.services.talk import message_send
from tests.accounts import factories as people
from tests.workflow import factories

HOME, NOTICES, READ = (reverse(name) for name in ("console:home", "console:notices", "console:notices_read"))


def labels(entries: list[navigation.Entry]) -> list[str]:
    """Words of the bar, with those under its buttons."""
    return [str(entry.label) for top in entries for entry in (top, *top.children)]


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("role", [role for role in ROLE_TABLE if role != Role.BORROWER])
def test_the_bar_shows_exactly_what_the_role_may_open(role: Role) -> None:
    held = permissions_of([role])
    shown = set(labels(navigation.entries(held, "/")))
    for item in navigation.BAR:
        for place in item.places if isinstance(item, navigation.Group) else (item,):
            reachable = bool(held & frozenset(place.needs)) and bool(navigation.address(place.url_name))
            assert (str(place.label) in shown) is reachable, place.label


def test_an_approver_is_offered_no_audit_and_an_auditor_no_queue() -> None:
    assert "Audit" not in labels(navigation.entries(permissions_of([Role.APPROVER_1]), "/"))
    assert "My work" not in labels(navigation.entries(permissions_of([Role.AUDITOR]), "/"))


def test_the_place_of_the_page_is_marked_with_the_button_above_it() -> None:
    entries = navigation.entries(permissions_of([Role.ADMINISTRATOR]), reverse("console:product_add"))
    active = [str(entry.label) for top in entries for entry in (top, *top.children) if entry.active]
    assert active == ["Institution", "Products"]


@pytest.mark.parametrize(
    ("address", "role", "place"),
    [
        ("/applications/new/", Role.LOAN_OFFICER, "Cases"),
        ("/applications/LF-2026-000017/", Role.LOAN_OFFICER, "Cases"),
        ("/applications/LF-2026-000017/documents/4/", Role.CREDIT_ANALYST, "Cases"),
        ("/credit/LF-2026-000017/", Role.CREDIT_ANALYST, "Cases"),
        ("/approval/LF-2026-000017/sign/", Role.APPROVER_2, "Cases"),
        ("/payments/LF-2026-000017/conditions/", Role.LOAN_OFFICER, "Cases"),
        ("/payments/LF-2026-000017/prepare/", Role.PAYMENT_MAKER, "Payments"),
        ("/cases/LF-2026-000017/who/", Role.AUDITOR, "Cases"),
        ("/borrowers/17/", Role.LOAN_OFFICER, "Borrowers"),
        ("/account/", Role.LOAN_OFFICER, None),
        ("/applications/LF-2026-000017/", Role.ADMINISTRATOR, None),
    ],
)
def test_a_page_of_a_case_is_marked_in_the_bar_whichever_stage_draws_it(
    address: str, role: Role, place: str | None
) -> None:
    active = [str(entry.label) for entry in navigation.entries(permissions_of([role]), address) if entry.active]
    assert active == ([place] if place else [])


def test_a_page_that_is_not_installed_has_no_entry() -> None:
    assert navigation.address("console:no_such_page") == ""


def test_strangers_have_no_bar() -> None:
    chrome = Chrome(RequestFactory().get("/"))
    assert (chrome.signed_in, chrome.nav, chrome.search_url, chrome.unread, chrome.role_line) == (False, [], "", 0, "")
    assert (chrome.factor_age, chrome.factor_fresh, chrome.handle, chrome.initials) == ("", False, "", "")


@pytest.mark.django_db
class TestSignedIn:
    """Pages inside."""

    @pytest.mark.parametrize("role", [role for role in ROLE_TABLE if role != Role.BORROWER])
    def test_every_role_has_a_home(self, client: Client, role: Role) -> None:
        people.signed_in(client, factories.worker(role))
        response = client.get(HOME)
        assert response.status_code == 200
        works = Permission.CASE_CLAIM in permissions_of([role])
        assert ("Waits for you" in words(response)) is works
        assert ("Open cases by holder" in words(response)) is (Permission.CASE_REASSIGN in permissions_of([role]))

    def test_someone_without_a_role_is_told_who_gives_one(self, client: Client) -> None:
        people.signed_in(client, people.account())
        assert "You hold no role yet." in words(client.get(HOME))

    def test_home_counts_what_waits_what_is_late_and_what_can_be_taken(self, client: Client, smooth: None) -> None:
        officer = factories.worker()
        mine = factories.submitted(officer)
        factories.moved(factories.case(officer), Event.SUBMIT, officer)
        people.signed_in(client, officer)
        response = client.get(HOME)
        assert (response.context["held"], response.context["late"], response.context["free"]) == (1, 0, 1)
        assert mine.number in words(response)

    def test_a_lead_sees_the_load_with_its_figures(self, client: Client) -> None:
        officer = factories.worker()
        factories.case(officer)
        people.signed_in(client, factories.worker(Role.TEAM_LEAD))
        shown = words(client.get(HOME))
        assert officer.handle in shown
        assert "Draft" in shown

    def test_the_frame_says_who_acts_where_and_how_fresh_the_factor_is(self, client: Client) -> None:
        officer = factories.worker(handle="officer-12")
        people.signed_in(client, officer)
        shown = words(client.get(HOME))
        for part in ("officer-12", "O12", "Loan officer · HQ branch", "MFA 0 min ago", "Sign out"):
            assert part in shown

    def test_roles_over_all_branches_and_several_roles_are_said_so(self, client: Client) -> None:
        people.signed_in(client, people.staff([Role.CREDIT_ANALYST, Role.LOAN_OFFICER]))
        assert "Credit analyst +1 · all branches" in words(client.get(HOME))

    def test_the_bell_counts_unread_notices_and_reading_clears_it(self, client: Client) -> None:
        officer = factories.worker()
        case = factories.case(officer)
        message_send(actor=people.actor_for(factories.worker()), case=case, audience="colleague", body="Look at this")
        people.signed_in(client, officer)
        shown = words(client.get(NOTICES))
        assert case.number in shown
        assert "a new message" in shown
        assert "unread" in shown
        after = client.post(READ, follow=True)
        assert "1 notice marked as read." in words(after)
        assert "bell-count" not in words(after)

    def test_notices_of_others_are_not_shown(self, client: Client) -> None:
        officer = factories.worker()
        case = factories.case(officer)
        message_send(actor=people.actor_for(factories.worker()), case=case, audience="colleague", body="Look at this")
        people.signed_in(client, factories.worker())
        assert case.number not in words(client.get(NOTICES))
        assert "Nothing new." in words(client.get(NOTICES))

    def test_pages_allow_no_inline_script_or_style(self, client: Client) -> None:
        people.signed_in(client, factories.worker())
        response = client.get(HOME)
        assert "unsafe-inline" not in response["Content-Security-Policy"]
        for forbidden in (" style=", " onclick=", "<style", "javascript:"):
            assert forbidden not in words(response)

    def test_times_are_shown_in_the_zone_of_the_institution(self, client: Client) -> None:
        officer = factories.worker()
        factories.case(officer)
        people.signed_in(client, officer)
        assert "CST" in words(client.get(HOME)), "China Standard Time"

    def test_pages_speak_chinese_to_who_chose_it(self, client: Client) -> None:
        people.signed_in(client, factories.worker())
        response = client.get(HOME, headers={"Accept-Language": "zh-hans"})
        assert '<html lang="zh-hans">' in words(response)

    @pytest.mark.parametrize(
        ("url", "role", "most"),
        [(HOME, Role.LOAN_OFFICER, 27), (HOME, Role.TEAM_LEAD, 19), (NOTICES, Role.LOAN_OFFICER, 13)],
    )
    def test_the_cost_is_bounded(
        self, client: Client, url: str, role: Role, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        officer = factories.worker()
        for _position in range(3):
            case = factories.case(officer)
            message_send(actor=people.actor_for(officer), case=case, audience="colleague", body="Note")
        people.signed_in(client, officer if role == Role.LOAN_OFFICER else factories.worker(role))
        client.get(url)
        with django_assert_max_num_queries(most):
            client.get(url)


@pytest.mark.django_db
def test_the_kept_parts_of_the_frame_are_each_readers_own_in_their_language() -> None:
    """Help, keys and links of the account are drawn once for all who hold the same, and for nobody else."""
    readers = [Role.ADMINISTRATOR, Role.AUDITOR, Role.PAYMENT_MAKER, Role.BORROWER]
    accounts = [people.borrower_account() if role == Role.BORROWER else people.staff(role) for role in readers]
    keys: dict[tuple[Role, str], set[str]] = {}
    for _turn, language, (role, account) in itertools.product(
        range(2), ("en", "zh-hans"), list(zip(readers, accounts, strict=True))
    ):
        client, held = Client(), permissions_of([role])
        people.signed_in(client, account)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = words(client.get(reverse("accounts:profile")))
        dialog = page.partition('id="keys"')[2]
        keys.setdefault((role, language), set()).add(dialog)
        assert (reverse("workflow:cases") in dialog) is (Permission.CASE_VIEW in held and role != Role.BORROWER)
        assert (reverse("accounts:export_key") in page) is (Permission.AUDIT_EXPORT in held)
        assert ("Keyboard" in page, "键盘" in page) == (language == "en", language != "en")
    assert {len(drawn) for drawn in keys.values()} == {1}
