"""Turns what goes wrong into pages: refused and who can, nothing here, somebody was faster, away, broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from apps.access import gate
from apps.core.errors import BadInput, LoanFlowError, NotVisible, Refused, StepUpNeeded, Unavailable
from apps.core.pages import Problem, problem_of, step_up_url
from apps.core.requires import public


class ErrorPagesMiddleware:
    """Answers errors that a view raised on purpose with a page, for htmx with the alert alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Draw the page of an error of ours; leave all others to Django."""
        if isinstance(exception, Refused):
            gate.keep_on_record(request, exception)
        return page_of(request, exception) if isinstance(exception, LoanFlowError) else None


def page_of(request: HttpRequest, error: LoanFlowError) -> HttpResponse:
    """Page for an error: 403 refused, 404 nothing here, 409 stale or illegal, 400 bad input, 503 away."""
    if isinstance(error, StepUpNeeded):
        return (
            gate.ask_for_code(request) if request.method == "POST" else redirect(step_up_url(request.get_full_path()))
        )
    return draw(request, _problem(error, request), error.status)


def _problem(error: LoanFlowError, request: HttpRequest) -> Problem:
    if isinstance(error, NotVisible):
        return nothing_here()
    if isinstance(error, Unavailable):
        return Problem(
            "away", _("A part is away"), str(error) or _("A part that this needs does not answer. Nothing was done.")
        )
    if isinstance(error, BadInput):
        lines = tuple(str(line) for lines in error.errors.values() for line in lines)
        return Problem("refused", _("Please look at this again"), lines[0] if lines else "", lines[1:])
    here = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")
    return problem_of(error, here=here)


def nothing_here() -> Problem:
    """Words of a page that is not there or not for this reader; the two are told apart by nothing."""
    return Problem(
        "missing", _("There is nothing here"),
        _("The page does not exist, or it lies outside what you may see. Check the address, or ask your team lead."),
    )  # fmt: skip


def draw(request: HttpRequest, problem: Problem, status: int) -> HttpResponse:
    """Draw a problem as a page of its own, or for htmx as an alert above the content."""
    if request.headers.get("HX-Request"):
        text = render_to_string("core/problem.html", {"problem": problem}, request)
        response = HttpResponse(text, status=status, headers={"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"})
    else:
        response = render(
            request, "console/problem.html", {"problem": problem, "frame": frame_of(request)}, status=status
        )
    add_never_cache_headers(response)
    return response


def frame_of(request: HttpRequest) -> str:
    """Frame around an error: the usual one for who is signed in, a plain one for strangers."""
    actor = getattr(request, "actor", None)
    return "base.html" if actor is not None and (actor.is_person or actor.is_borrower) else "base_plain.html"


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return draw(request, nothing_here(), 404)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403; the refusal itself may travel as the exception's cause."""
    for candidate in (getattr(exception, "__cause__", None), *getattr(exception, "args", ())):
        if isinstance(candidate, Refused):
            return page_of(request, candidate)
    return draw(
        request, Problem("refused", _("This is not open to you"), _("Your role does not include this page.")), 403
    )


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400, such as for an address that makes no sense; 413 for a form with more in it than any form takes."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return draw(request, too_large(), 413)
    words = _("The server could not read what was sent. Go back, check the form and its files, and send it again.")
    return draw(request, Problem("unreadable", _("That could not be read"), words), 400)


def too_large() -> Problem:
    """Words of a form that was not even read."""
    return Problem(
        "too_large", _("That is too much at once"),
        _("What was sent is larger than any form here takes, so it was not read and nothing was changed."),
        (_("Go back: what you typed is still there."), _("Shorten long texts, or hand in a paper as a file of its own.")),
    )  # fmt: skip


@public
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose session token is missing or old; its text is still in the page one step back."""
    words = _(
        "The form is older than your session. Go back, reload the page and send it again: what you typed is still there."
    )
    return draw(request, Problem("stale_form", _("The form has expired"), words), 403)


@public
def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the request's id, from a template that needs neither session nor database."""
    return bare(request, 500)


def bare(request: HttpRequest, status: int) -> HttpResponse:
    """Draw an error page that depends on nothing."""
    known: dict[str, Any] = {"request_id": getattr(request, "request_id", ""), "status": status}
    return HttpResponse(render_to_string("console/broken.html", known), status=status)
