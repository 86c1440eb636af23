"""The way of a step: show it with the progress, take it, or keep what is typed while it is being typed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.core.actor import Actor
from apps.core.errors import BadInput, LoanFlowError, NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal import wizard
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form
from apps.workflow.states import State

More = ParamSpec("More")
Save = Callable[[Mapping[str, Any]], Any]
View = Callable[Concatenate[HttpRequest, Actor, LoanCase, More], HttpResponse]
METHODS = ("GET", "HEAD", "POST")
KEEPING = "X-Keep"
LATER = "later"


def drafting(view: View[More]) -> Callable[..., HttpResponse]:
    """Give a view the borrower and the draft; an application that was sent leads to its page."""

    @requires(Permission.PORTAL_USE)
    @require_http_methods(METHODS)
    @functools.wraps(view)
    def drafted(request: HttpRequest, number: str, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        case = case_get(actor, number)
        if case.state != State.DRAFT:
            messages.info(request, str(_("This application was sent already.")))
            return HttpResponseRedirect(reverse("portal:case", args=[number]))
        return view(request, actor, case, *args, **kwargs)

    return drafted


def step_page(
    request: HttpRequest, case: LoanCase, name: str, form: type[Any], save: Save, *, lead: Any = "", title: Any = "",
    success: Any = "", back_url: str = "", next_url: str = "", keeps: bool = True, template: str = "portal/step.html",
    initial: Mapping[str, Any] | None = None, options: Mapping[str, Any] | None = None, **context: Any,
) -> HttpResponse:  # fmt: skip
    """Show a step's form or take it; ``keeps`` lets it be saved half-filled, by a button or while it is typed."""
    given = dict(options or {})
    if keeps and request.headers.get(KEEPING):
        return _kept(request, case, form, save, given)
    later = keeps and LATER in request.POST
    onward = reverse("portal:home") if later else next_url or wizard.url_beside(case, name, 1)
    back = back_url or wizard.url_beside(case, name, -1)
    shown = {**step_words(case, name, title), "keeps": keeps, "step_back": back, **context}
    return stage_form(
        request, case, form, service=save, title=shown["title"], lead=lead, template=template, initial=initial,
        success=_("Everything is kept. Go on whenever you like.") if later else success, success_url=onward, back_url=back,
        options={**given, **({"partial": later} if keeps else {})}, context=shown,
    )  # fmt: skip


def step_words(case: LoanCase, name: str, title: Any = "") -> dict[str, Any]:
    """What every page of the wizard shows: title, progress, where it leads."""
    steps = wizard.progress(case, name)
    here = next(step for step in steps if step.name == name)
    return {
        "case": case, "title": title or here.title, "wizard": steps, "here": here, "count": len(steps),
        "hinders": wizard.hinders(steps), "next_url": wizard.url_beside(case, name, 1),
        "prev_url": wizard.url_beside(case, name, -1),
    }  # fmt: skip


def _kept(request: HttpRequest, case: LoanCase, form: type[Any], save: Save, options: dict[str, Any]) -> JsonResponse:
    """Save what is typed and right of a half-filled form, and say under which version; or which fields are ``wrong``.

    Only what was sent is saved, so that the browser can send the others again without those.
    """
    half = form(request.POST, **options, case=case, partial=True)
    half.is_valid()
    good = {name: value for name, value in half.cleaned_data.items() if name in request.POST}
    if "version" not in good:
        return JsonResponse({"kept": False})
    try:
        save(good)
    except BadInput as bad:
        return JsonResponse({"kept": False, "wrong": sorted(name for name in bad.errors if name in good)})
    except NotVisible:
        raise
    except LoanFlowError:
        return JsonResponse({"kept": False})
    return JsonResponse({"kept": True, "version": LoanCase.objects.values_list("version", flat=True).get(pk=case.pk)})
