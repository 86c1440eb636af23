"""The way of a form: shown, wrong, refused, stale, done; what was typed is never lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale, StepUpNeeded, Unavailable
from apps.core.forms import CleanForm
from apps.core.pages import Port, post_form, problem_of

TYPED = {"reason": "no longer needed", "version": "3"}


class ReasonForm(CleanForm):
    """A reason, and the version that was seen."""

    reason = forms.CharField(label="Reason", max_length=40)
    version = forms.IntegerField(widget=forms.HiddenInput)


TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.locmem.Loader", {
                "page.html": "{{ problem.kind }}|{{ problem.message }}|{{ problem.who_can }}|{{ extra }}|{{ form.as_div }}",
            })],
        },
    }
]  # fmt: skip


@pytest.fixture(autouse=True)
def _plain_templates() -> Any:
    with override_settings(TEMPLATES=TEMPLATES):
        yield


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Refused]:
    """Return the refusals that the pages put on record."""
    kept: list[Refused] = []
    monkeypatch.setattr(Port, "record", staticmethod(lambda _request, refusal: kept.append(refusal)))
    return kept


def asked(method: str = "post", data: dict[str, str] | None = None, **headers: str) -> HttpRequest:
    """Return a request with somewhere to put messages."""
    request: Any = getattr(RequestFactory(headers=headers), method)("/there/?a=1", TYPED if data is None else data)
    request._messages = CookieStorage(request)
    return request  # type: ignore[no-any-return]


def answered(request: HttpRequest, service: Any, **more: Any) -> HttpResponse:
    """Let a form go its way."""
    options = {"success_url": "/done/", "template": "page.html", "success": "It is done.", "context": {"extra": "more"}}
    return post_form(request, ReasonForm, service=service, **{**options, **more})


def raising(error: Exception) -> Any:
    """Return a service that raises."""

    def service(_cleaned: dict[str, Any]) -> None:
        raise error

    return service


def test_a_form_is_shown_with_its_first_values() -> None:
    response = answered(asked("get", {}), raising(AssertionError()), initial={"reason": "because"})
    assert response.status_code == 200
    assert 'value="because"' in response.content.decode()
    assert "|more|" in response.content.decode()


def test_what_was_typed_reaches_the_service_and_the_reader_goes_on() -> None:
    seen: list[dict[str, Any]] = []
    request = asked()
    response = answered(request, seen.append)
    assert seen == [{"reason": "no longer needed", "version": 3}]
    assert (response.status_code, response["Location"]) == (302, "/done/")
    assert [str(message) for message in get_messages(request)] == ["It is done."]


def test_the_way_on_may_depend_on_what_the_service_returned() -> None:
    response = answered(asked(), lambda cleaned: 7, success_url=lambda result: f"/done/{result}/", success="")
    assert response["Location"] == "/done/7/"


def test_htmx_is_told_where_to_go() -> None:
    response = answered(asked(**{"HX-Request": "true"}), lambda cleaned: None)
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/done/"


def test_a_wrong_form_calls_no_service_and_keeps_what_was_typed() -> None:
    response = answered(asked(data={"reason": "x" * 41, "version": "1"}), raising(AssertionError()))
    assert response.status_code == 400
    assert "x" * 41 in response.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        (BadInput({"reason": ["Give a better one."]}), 400, "Give a better one."),
        (BadInput({"unknown": ["Something else."], "": "As a whole."}), 400, "Something else."),
        (BadInput("Not like this."), 400, "Not like this."),
        (Refused("duty", "You prepared it.", who_can="analyst-03"), 403, "refused|You prepared it.|analyst-03"),
        (IllegalTransition("Draft", "Sign"), 409, "refused|In the state “Draft” the step “Sign” is not possible."),
        (Stale(by="analyst-03", at="16:02"), 409, "stale|Changed by analyst-03 at 16:02."),
        (Unavailable("The key service is away."), 503, "away|The key service is away."),
    ],
)
def test_a_refusal_is_told_above_the_form_and_what_was_typed_is_kept(error: Exception, status: int, shown: str) -> None:
    response = answered(asked(), raising(error))
    text = response.content.decode()
    assert response.status_code == status
    assert shown in text
    assert 'value="no longer needed"' in text


@pytest.mark.parametrize(
    ("error", "kept", "count"),
    [(Refused("duty", "No."), False, 1), (Refused("duty", "No."), True, 0), (BadInput("No."), False, 0)],
)
def test_a_refusal_that_no_act_has_kept_goes_on_record_before_it_is_shown(
    recorded: list[Refused], error: Any, kept: bool, count: int
) -> None:
    error.kept = kept
    answered(asked(), raising(error))
    assert recorded == [error] * count


def test_a_stale_form_is_sent_again_with_the_version_that_is_shown_now() -> None:
    stale = Stale(by="analyst-03", at="16:02", subject=SimpleNamespace(version=8))
    text = answered(asked(), raising(stale)).content.decode()
    assert 'name="version" value="8"' in text
    assert 'value="no longer needed"' in text


@pytest.mark.parametrize("error", [NotVisible(), StepUpNeeded()])
def test_what_has_a_page_of_its_own_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)):
        answered(asked(), raising(error))


def test_a_problem_says_each_reason_once() -> None:
    problem = problem_of(Refused("holder", "Take it first.", reasons=["Take it first.", "Give a reason."]))
    assert problem.reasons == ("Give a reason.",)


def test_a_stale_problem_lists_what_differs() -> None:
    problem = problem_of(Stale(by="a", at="b", differences={"State": ("Draft", "Intake")}))
    assert [(change.field, change.before, change.after) for change in problem.differences] == [
        ("State", "Draft", "Intake")
    ]


def test_a_step_up_problem_leads_there_and_back() -> None:
    assert problem_of(StepUpNeeded(), here="/cases/1/?a=1").step_up_url.endswith("?next=%2Fcases%2F1%2F%3Fa%3D1")
