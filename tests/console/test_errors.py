"""Pages of what goes wrong: each says what happened, what to do and who can, and carries the request's id."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path, reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.console import errors
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale, StepUpNeeded, Unavailable
from apps.core.requires import public, signed_in
from loanflow import urls
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
RAISED: dict[str, Exception] = {
    "refused": Refused("duty", "You prepared this case.", reasons=["Another has to sign."], who_can="approver-04"),
    "missing": NotVisible(),
    "stale": Stale(by="analyst-03", at="16:02", differences={"Grade": ("B", "C")}),
    "illegal": IllegalTransition("Draft", "Sign"),
    "bad": BadInput({"amount": ["Enter an amount above zero.", "Check the digits."]}),
    "away": Unavailable("The key service does not answer."),
    "step-up": StepUpNeeded(),
    "broken": ZeroDivisionError("personal words"),
}


@signed_in
def failing(request: HttpRequest, what: str) -> None:
    """Raise what the address names."""
    raise RAISED[what]


@public
def failing_for_all(request: HttpRequest) -> None:
    """Raise before anybody has signed in."""
    raise Refused("closed", "Closed today.")


urlpatterns = [*urls.urlpatterns, path("fail/<str:what>/", failing), path("fail-for-all/", failing_for_all)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture(autouse=True)
def _own_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.console.test_errors"):
        yield


@pytest.fixture
def browser(client: Client) -> Client:
    """Return a browser in which an officer has signed in."""
    people.signed_in(client, factories.worker())
    client.raise_request_exception = False
    return client


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        (
            "refused",
            403,
            ["This cannot be done now", "You prepared this case.", "Another has to sign.", "Who can:", "approver-04"],
        ),
        ("missing", 404, ["There is nothing here", "outside what you may see"]),
        ("stale", 409, ["Somebody was faster", "Changed by analyst-03 at 16:02.", "Grade", "Look again"]),
        ("illegal", 409, ["In the state “Draft” the step “Sign” is not possible."]),
        ("bad", 400, ["Please look at this again", "Enter an amount above zero.", "Check the digits."]),
        ("away", 503, ["A part is away", "The key service does not answer."]),
        ("broken", 500, ["Something broke on our side"]),
    ],
)
def test_each_error_has_its_page(browser: Client, what: str, status: int, said: list[str]) -> None:
    response = browser.get(f"/fail/{what}/")
    assert response.status_code == status
    for sentence in said:
        assert sentence in words(response)
    assert response["X-Request-ID"] in words(response)
    assert "personal words" not in words(response)


@pytest.mark.parametrize("what", ["refused", "missing", "stale", "away"])
def test_htmx_gets_the_alert_alone(browser: Client, what: str) -> None:
    response = browser.get(f"/fail/{what}/", headers={"HX-Request": "true"})
    assert response["HX-Retarget"] == "#messages"
    assert "<html" not in words(response)
    assert 'role="alert"' in words(response)


def test_an_error_page_is_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get("/fail/refused/")["Cache-Control"]


def test_a_page_that_needs_a_fresh_code_leads_there_and_back(browser: Client) -> None:
    response = browser.get("/fail/step-up/?a=1")
    assert response["Location"] == f"{reverse('accounts:step_up')}?next=%2Ffail%2Fstep-up%2F%3Fa%3D1"


def test_a_form_that_needs_a_fresh_code_is_asked_in_place_with_what_was_typed(browser: Client) -> None:
    response = browser.post("/fail/step-up/", {"amount": "1,000,000"})
    assert response.status_code == 403
    assert 'name="amount" value="1,000,000"' in words(response)
    assert "one_time_code" in words(response)


def test_a_stranger_sees_errors_in_the_plain_frame(client: Client) -> None:
    response = client.get("/fail-for-all/")
    assert response.status_code == 403
    assert "Closed today." in words(response)
    assert "plain-page" in words(response)


def test_an_address_that_is_not_there(browser: Client) -> None:
    response = browser.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing here" in words(response)


def test_the_gate_says_who_could(client: Client) -> None:
    people.signed_in(client, factories.worker(Role.LOAN_OFFICER))
    response = client.get(reverse("console:products"))
    assert response.status_code == 403
    assert "Head of credit" in words(response)


def test_a_form_older_than_its_session_is_told_how_to_go_on() -> None:
    client = Client(enforce_csrf_checks=True)
    people.signed_in(client, factories.worker())
    response = client.post(reverse("console:take_next"))
    assert response.status_code == 403
    assert "The form has expired" in words(response)


def test_a_forbidden_page_without_a_reason_still_says_something(rf: Any) -> None:
    request = rf.get("/")
    assert "Your role does not include this page." in words(errors.forbidden(request, PermissionError()))


def test_what_cannot_be_read_is_a_400_with_words(rf: Any) -> None:
    response = errors.bad_request(rf.get("/"), ValueError())
    assert response.status_code == 400
    assert "could not read" in words(response)


def test_the_page_of_500_needs_neither_session_nor_database(rf: Any, django_assert_num_queries: Any) -> None:
    request = rf.get("/")
    request.request_id = "abc123"
    with django_assert_num_queries(0):
        response = errors.broken(request)
    assert (response.status_code, "abc123" in words(response)) == (500, True)


@pytest.mark.parametrize(
    ("page", "action", "role"),
    [
        (lambda case: reverse("workflow:case", args=[case.number]), "workflow.view", Role.LOAN_OFFICER),
        (lambda case: reverse("borrowers:borrower", args=[case.borrower_id]), "borrowers.view", Role.LOAN_OFFICER),
        (lambda _case: reverse("post_loan:loan", args=["LN-2026-999999"]), "post_loan.view", Role.LOAN_OFFICER),
        (lambda _case: reverse("console:person", args=["nobody"]), "accounts.people_view", Role.AUDITOR),
        (
            lambda _case: reverse("console:person_suspend", args=["nobody"]),
            "accounts.people_view",
            Role.SECURITY_OFFICER,
        ),
    ],
)
def test_a_look_at_what_is_not_ones_own_is_one_refusal_on_record(
    client: Client, page: Any, action: str, role: Role
) -> None:
    case = factories.case()
    elsewhere = people.staff(role, people.branch("ZB"))
    people.signed_in(client, elsewhere)
    before = AuditEvent.objects.filter(outcome="refused").count()
    assert client.get(page(case)).status_code == 404
    refused = list(AuditEvent.objects.filter(outcome="refused").order_by("-id")[:1])
    assert AuditEvent.objects.filter(outcome="refused").count() == before + 1
    assert (refused[0].action, refused[0].data["guard"], refused[0].person) == (action, "scope", elsewhere.person_id)
    assert refused[0].data["note"]["view"]


def test_a_refusal_that_its_act_has_kept_is_not_recorded_again(client: Client) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    people.signed_in(client, admin)
    before = AuditEvent.objects.filter(outcome="refused").count()
    assert client.post(reverse("console:person_unlock", args=[admin.handle])).status_code == 403
    assert client.get(reverse("console:audit_export")).status_code == 403
    assert AuditEvent.objects.filter(outcome="refused").count() == before + 2
