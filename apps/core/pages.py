"""The way of a form: parse it, call one service, show what is wrong with everything typed still there, or go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from apps.core import checking, drafting, once, pictures
from apps.core.errors import BadInput, LoanFlowError, NotVisible, Refused, Stale, StepUpNeeded

Service = Callable[[dict[str, Any]], Any]
Address = str | Callable[[Any], str]
STEP_UP = "accounts:step_up"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs from what the reader saw."""

    field: Any
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an act did not happen, ready for ``core/problem.html``; ``kind`` is one of those that have an icon."""

    kind: str
    title: Any
    message: Any
    reasons: tuple[Any, ...] = ()
    who_can: Any = ""
    differences: tuple[Change, ...] = field(default=())
    step_up_url: str = ""

    @property
    def icon(self) -> str:
        """The picture of its kind."""
        return ICONS.get(self.kind, "lock")


ICONS = {
    "refused": "lock", "stale": "refresh-alert", "step_up": "shield-lock", "away": "plug-connected-x", "missing": "map-off",
    "stale_form": "clock-exclamation", "unreadable": "file-unknown", "too_large": "file-alert",
}  # fmt: skip


def problem_of(error: LoanFlowError, *, here: str = "") -> Problem:
    """Put an error into words for the page; ``here`` is where the reader comes back to after a step-up."""
    if isinstance(error, StepUpNeeded):
        return Problem("step_up", _("Confirm it is you"), error.message, step_up_url=step_up_url(here))
    if isinstance(error, Stale):
        changes = tuple(Change(name, *pair) for name, pair in error.differences.items())
        return Problem("stale", _("Somebody was faster"), error.message, differences=changes)
    if isinstance(error, Refused):
        reasons = tuple(reason for reason in error.reasons if str(reason) != str(error.message))
        return Problem("refused", _("This cannot be done now"), error.message, reasons, error.who_can)
    return Problem("away", _("This cannot be done now"), str(error))


class Port:
    """Puts a refusal on record that no act has kept, such as a selector's; access fills it."""

    record: Callable[[HttpRequest, Refused], None]


def refused(error: LoanFlowError, request: HttpRequest) -> Problem:
    """Put an error into words for the page that was asked for; a refusal is on record by then."""
    if isinstance(error, Refused) and not error.kept:
        Port.record(request, error)
    return problem_of(error, here=request.get_full_path())


def step_up_url(here: str) -> str:
    """Address of the page that asks for the second factor anew and then leads back; ``""`` where there is none."""
    try:
        return f"{reverse(STEP_UP)}?{urlencode({'next': here})}"
    except NoReverseMatch:
        return ""


def post_form(
    request: HttpRequest,
    form_class: type[forms.Form],
    *,
    service: Service,
    success_url: Address,
    template: str = "core/form_page.html",
    success: Any = "",
    initial: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form, or take it and call ``service(cleaned_data)``; on success say so and redirect.

    ``BadInput`` becomes errors beside the fields (400). ``Refused`` and ``Stale`` (409) become an alert above the form. What
    was typed is kept in every case. ``success_url`` may be made from the service's result; ``options`` are further
    arguments of the form. ``NotVisible`` passes through to its page of 404, ``StepUpNeeded`` to the page that asks for a
    code and then posts the same form again. What staff type into a larger form is kept as a draft until it is taken.
    A request may also ask what is wrong with single fields; then, too, no service is called.
    """
    if gone := drafting.discarded(request):
        return gone
    taken = (request.POST, request.FILES) if request.method == "POST" else ()
    form = form_class(*taken, **{"initial": dict(initial or {}), **(options or {})})
    if told := checking.answered(request, form) or drafting.answered(request, form):
        return told
    shown = {**(context or {}), **carried(request, form)}
    if request.method != "POST":
        return render(request, template, shown)
    try:
        url = _taken(request, form, service, success_url)
    except once.SentAlready as first:
        return sent_already(request, first) or render(
            request, template, {**shown, "problem": problem_of(first)}, status=409
        )
    except (NotVisible, StepUpNeeded):
        raise
    except LoanFlowError as error:
        return render(request, template, {**shown, "problem": keep(form, error, request)}, status=error.status)
    if url is None:
        return render(request, template, {**shown, "problem": overtaken(form, request)}, status=400)
    drafting.sent(request)
    return done(request, url, success)


def _taken(request: HttpRequest, form: forms.Form, service: Service, success_url: Address) -> str | None:
    """Where a form leads whose service has run, once; ``None`` for one that is wrong."""
    once.refuse_second(request, form)
    if not form.is_valid():
        return None
    with once.only(request, form) as sending:
        result = service(form.cleaned_data)
        sending.url = success_url(result) if callable(success_url) else success_url
    return sending.url


def sent_already(request: HttpRequest, first: once.SentAlready) -> HttpResponse | None:
    """Lead whoever sent a form twice to where the first led; ``None`` where nobody knows."""
    if not first.url:
        return None
    messages.info(request, str(_("This form was sent already. It was done once.")))
    return done(request, first.url)


def carried(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    """What a page gets with its form: what it showed at first, where somebody may be faster, and what is said of its draft."""
    seen = pictures.picture(form) if "version" in form.fields else ""
    once_only = once.mark_for(request, form)
    return {
        "form": form,
        "checks": True,
        "form_seen": seen,
        "form_once": once_only,
        "draft": drafting.shown(request, form),
    }


def overtaken(form: forms.Form, request: HttpRequest) -> Problem | None:
    """Tell whoever has to correct a form that somebody was faster, too: both are looked at in one go."""
    stale = form.overtaken() if isinstance(form, Versioned) else None
    if stale is None:
        return None
    _renew(form, stale, request)
    return problem_of(stale, here=request.get_full_path())


@runtime_checkable
class Versioned(Protocol):
    """A form that knows which state of its subject its reader saw."""

    def overtaken(self) -> Stale | None:
        """Return what the service would say of the version that was sent; nothing is decided by it."""

    def since(self, stale: Stale) -> Mapping[str, tuple[Any, Any]]:
        """Return what differs now in the subject, by label."""


def keep(form: forms.Form, error: LoanFlowError, request: HttpRequest) -> Problem | None:
    """Hang an error on the form that caused it; returns the alert to show above it, if one is needed."""
    if isinstance(error, BadInput):
        hang(form, error)
        return None
    if isinstance(error, Stale):
        _renew(form, error, request)
    return refused(error, request)


def _renew(form: forms.Form, stale: Stale, request: HttpRequest) -> None:
    told = form.since(stale) if isinstance(form, Versioned) else stale.differences
    stale.differences = {**told, **pictures.differences(form, request.POST.get(pictures.FIELD, ""))}
    renew_version(form, stale)


def hang(form: forms.Form, error: BadInput) -> None:
    """Put a service's complaints beside the fields they speak of, the others above the form."""
    for name, lines in error.errors.items():
        form.add_error(name if name in form.fields else None, [str(line) for line in _lines(lines)])


def _lines(lines: Any) -> Iterable[Any]:
    return [lines] if isinstance(lines, str) else lines


def renew_version(form: forms.Form, error: Stale) -> None:
    """Let the next submit of a stale form speak of what is now shown to its reader: hidden fields are drawn anew."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict: the form was posted
    for name, hidden in form.fields.items():
        if hidden.widget.is_hidden:
            data[name] = str(form.get_initial_for_field(hidden, name) or "")
    version = getattr(error.subject, "version", None)
    if "version" in form.fields and version is not None:
        data["version"] = str(version)
    form.data = data


def done(request: HttpRequest, url: str, words: Any = "") -> HttpResponse:
    """Say that it worked and go on; htmx follows by itself."""
    if words:
        messages.success(request, str(words))
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
