"""The gate of every request: marks, sign-in and back, recorded refusals, and step-up that loses nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.access import gate
from apps.access.roles import Role
from apps.access.selectors import grants_live
from apps.access.services import role_grant, role_revoke
from apps.accounts.services import people, sessions
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Factor
from tests.access import pages
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import count, newest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.access.pages")]
SIGN_IN = "/account/sign-in/"


@pytest.fixture
def analyst(client: Client) -> Client:
    """Sign a credit analyst in."""
    factories.signed_in(client, factories.staff(Role.CREDIT_ANALYST, handle="analyst-1"))
    return client


def test_a_view_that_declares_nothing_is_refused(client: Client, analyst: Client) -> None:
    for visitor in (Client(), analyst):
        with pytest.raises(ImproperlyConfigured, match="declares neither"):
            visitor.get("/undeclared/")
    answer = Client(raise_request_exception=False).get("/undeclared/")
    assert answer.status_code == 500
    assert b"never seen" not in answer.content


def test_the_marks_of_views_are_told() -> None:
    assert gate.mark_of(pages.open_to_all) == "public"
    with pytest.raises(ImproperlyConfigured):
        gate.mark_of(pages.undeclared)


def test_public_pages_open_for_all(client: Client) -> None:
    assert client.get("/open/").content == b"anonymous"


@pytest.mark.parametrize("path", ["/own/", "/half/", "/analysts/", "/cases/", "/sensitive/", "/portal/"])
def test_strangers_are_sent_to_sign_in_and_back(client: Client, path: str) -> None:
    assert client.get(f"{path}?x=1").url == f"{SIGN_IN}?next={path.replace('/', '%2F')}%3Fx%3D1"
    assert client.post(path, {"a": 1}).url == f"{SIGN_IN}?next=%2F"


def test_a_form_of_a_stranger_leads_back_to_its_page(client: Client) -> None:
    answer = client.post("/own/", headers={"referer": "http://testserver/cases/?q=1"})
    assert answer.url == f"{SIGN_IN}?next=%2Fcases%2F%3Fq%3D1"
    answer = client.post("/own/", headers={"referer": "https://evil.test/cases/"})
    assert answer.url == f"{SIGN_IN}?next=%2F"


def test_htmx_is_told_by_its_header_and_the_api_by_401(client: Client) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/cases/"}
    answer = client.get("/own/", headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=%2Fcases%2F"
    assert client.get("/api/own/").status_code == 401
    assert client.get("/api/own/")["Content-Type"] == "application/json"


def test_an_actor_carries_roles_address_device_and_request(analyst: Client) -> None:
    told = analyst.get("/own/", headers={"user-agent": "Firefox", "x-forwarded-for": "203.0.113.9"}).json()
    assert told == {
        "name": "analyst-1", "kind": "person", "roles": ["credit_analyst"], "address": "127.0.0.1",
        "device": "Firefox", "request": True, "factor": "totp",
    }  # fmt: skip


def test_any_one_of_the_permissions_opens_a_page(analyst: Client) -> None:
    assert analyst.get("/analysts/").status_code == 200
    other = Client()
    factories.signed_in(other, factories.staff(Role.APPRAISER))
    assert other.get("/analysts/").status_code == 200


def test_a_page_outside_ones_role_is_refused_on_record_and_says_who_can(client: Client) -> None:
    owner = factories.staff(Role.AUDITOR)
    factories.signed_in(client, owner)
    answer = client.get("/analysts/")
    assert answer.status_code == 403
    assert "Credit analyst · Collateral appraiser" in answer.content.decode()
    event = newest(Tag.VIEW_REFUSED)
    assert (event["outcome"], event["guard"], event["account"]) == ("refused", "permission", owner.pk)
    assert event["roles"] is not None
    assert event["note"] == {"view": "tests_analysts", "permissions": ["credit_review.edit", "collateral.edit"]}


def test_borrowers_stay_in_the_portal_even_where_they_hold_the_permission(client: Client) -> None:
    factories.signed_in(client, factories.borrower_account())
    assert client.get("/portal/").status_code == 200
    assert client.get("/cases/").status_code == 403
    assert newest(Tag.VIEW_REFUSED)["outcome"] == "refused"


def test_staff_do_not_enter_the_portal(analyst: Client) -> None:
    assert analyst.get("/portal/").status_code == 403


def test_a_role_change_counts_at_the_next_request(client: Client) -> None:
    owner = factories.staff(Role.CREDIT_ANALYST)
    factories.signed_in(client, owner)
    assert client.get("/analysts/").status_code == 200
    role_revoke(actor=SETUP, grant=grants_live().get(person=owner.person), reason="moved")
    assert client.get("/analysts/").status_code == 302, "the session has ended with the role"
    factories.signed_in(client, owner)
    assert client.get("/analysts/").status_code == 403
    role_grant(actor=SETUP, person=owner.person, role=Role.CREDIT_ANALYST, branch=None, reason="back")
    factories.signed_in(client, owner)
    assert client.get("/analysts/").status_code == 200


def test_a_role_that_lapses_is_gone_within_an_open_session(client: Client) -> None:
    owner = factories.staff(Role.CREDIT_ANALYST)
    ends = clock.now() + dt.timedelta(minutes=5)
    role_grant(actor=SETUP, person=owner.person, role=Role.APPRAISER, branch=None, reason="x", ends=ends)
    factories.signed_in(client, owner)
    assert client.get("/own/").json()["roles"] == ["appraiser", "credit_analyst"]
    with clock.at(ends):
        assert client.get("/own/").json()["roles"] == ["credit_analyst"]


def test_a_login_of_djangos_own_opens_nothing(client: Client) -> None:
    client.force_login(factories.staff(Role.CREDIT_ANALYST))
    assert client.get("/own/").status_code == 302


def test_half_way_in_opens_enrolling_pages_only(client: Client) -> None:
    owner = factories.staff(Role.CREDIT_ANALYST, handle="analyst-9")
    client.post(SIGN_IN, {"name": "analyst-9", "password": PASSWORD})
    assert client.get("/half/").content == b"analyst-9"
    assert client.get("/own/").status_code == 302
    assert client.get("/analysts/").status_code == 302
    assert client.get("/open/").content == b"analyst-9", "named in the log, and still nobody"
    people.account_suspend(actor=SETUP, account=owner, reason="x")
    assert client.get("/half/").status_code == 302


def test_a_session_pointing_to_a_strangers_record_is_nobody(analyst: Client) -> None:
    theirs = factories.signed_in(Client(), factories.staff())
    session = analyst.session
    session["record"] = theirs.uuid.hex
    session.save()
    assert analyst.get("/own/").status_code == 302


def test_an_ended_session_is_told_why(client: Client) -> None:
    owner = factories.staff()
    record = factories.signed_in(client, owner)
    sessions.session_end(actor=SETUP, session=record, reason="revoked_by_owner")
    assert client.get("/own/").status_code == 302
    assert "This session was ended" in client.get(SIGN_IN).content.decode()
    assert "This session was ended" not in client.get(SIGN_IN).content.decode()


FRESH = dt.timedelta(minutes=6)


def test_a_fresh_factor_lets_in(analyst: Client) -> None:
    assert analyst.post("/sensitive/", {"a": "1"}).json() == {"a": ["1"]}


def test_a_stale_factor_is_asked_for_and_leads_back(analyst: Client) -> None:
    with clock.at(clock.now() + FRESH):
        assert analyst.get("/sensitive/?x=1").url == "/account/step-up/?next=%2Fsensitive%2F%3Fx%3D1"


def test_a_posted_form_is_asked_in_place_and_loses_nothing(client: Client) -> None:
    owner = factories.staff(Role.CREDIT_ANALYST)
    factories.signed_in(client, owner)
    typed = {"a": ["<b>1</b>", "2"], "words": "李伟 & co"}
    with clock.at(clock.now() + FRESH):
        asked = client.post("/sensitive/", {**typed, "csrfmiddlewaretoken": "x"})
        assert asked.status_code == 403
        page = asked.content.decode()
        assert 'name="a" value="&lt;b&gt;1&lt;/b&gt;"' in page
        assert 'name="words" value="李伟 &amp; co"' in page
        assert 'value="x"' not in page
        wrong = client.post("/sensitive/", {**typed, "one_time_code": "000000"})
        assert wrong.status_code == 403
        assert "wrong, too old or was used already" in wrong.content.decode()
        assert 'name="words"' in wrong.content.decode()
        code = factories.code_for(owner)
        assert client.post("/sensitive/", {**typed, "one_time_code": code}).json() == {
            "a": typed["a"],
            "words": [typed["words"]],
        }
        again = client.post("/sensitive/", {**typed, "one_time_code": code})
        assert again.status_code == 403, "a used code is refused even while the factor is fresh"
    assert count(Tag.FACTOR_PROVED) == 1
    assert newest(Tag.FACTOR_PROVED)["note"]["step_up"] is True


def test_files_that_cannot_be_kept_are_spoken_of(analyst: Client) -> None:
    with clock.at(clock.now() + FRESH):
        asked = analyst.post("/sensitive/", {"file": SimpleUploadedFile("a.txt", b"x")})
    assert "Files cannot be kept" in asked.content.decode()


@pytest.mark.parametrize("factor", [Factor.RECOVERY, Factor.EMAIL])
def test_a_recovery_code_or_a_mail_never_counts_as_fresh(client: Client, factor: Factor) -> None:
    factories.signed_in(client, factories.staff(Role.CREDIT_ANALYST), factor)
    assert client.get("/sensitive/").url.startswith(reverse("accounts:step_up"))


def test_the_language_switch_of_the_library_is_public(client: Client) -> None:
    assert client.post(reverse("set_language"), {"language": "zh-hans", "next": "/open/"}).status_code == 302


def test_a_signed_in_request_costs_few_queries(analyst: Client, django_assert_max_num_queries: object) -> None:
    analyst.get("/own/")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        analyst.get("/own/")
