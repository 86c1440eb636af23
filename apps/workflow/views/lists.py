"""The queue and the list of all cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apps.access.looks import list_seen
from apps.access.roles import permissions_held
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.list_forms import ListForm
from apps.workflow.ports import Ports
from apps.workflow.rows import rows_of
from apps.workflow.selectors import CaseFilter, cases_visible_to, work
from apps.workflow.selectors.free import free_for
from apps.workflow.selectors.lists import counted_each
from apps.workflow.services.steps import case_take_next
from apps.workflow.states import OPEN, STAGE_OF, State

PAGE = 25
WORK, CASES = "work", "cases"
TABS = ("mine", "free", "branch", "waiting")
WORKING = tuple(state for state in OPEN if state != State.WAITING)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the queue: its words, what it lists, and how many cases that is."""

    name: str
    label: Any
    filter: CaseFilter
    count: int = 0


def tabs_for(actor: Actor) -> list[Tab]:
    """Tabs of the queue with their counts."""
    tabs = [
        Tab("mine", gettext_lazy("Mine"), CaseFilter(states=WORKING, holder_id=actor.person_id)),
        Tab("free", gettext_lazy("Unassigned"), free_for(actor)),
        Tab("branch", gettext_lazy("Branch"), CaseFilter(states=OPEN)),
        Tab("waiting", gettext_lazy("Waiting for the applicant"), CaseFilter(states=(State.WAITING,))),
    ]
    counts = counted_each(actor, {tab.name: tab.filter for tab in tabs if tab.filter.states})
    return [replace(tab, count=counts.get(tab.name, 0)) for tab in tabs]


def narrowed(base: CaseFilter, form: ListForm, sort: str) -> CaseFilter:
    """Narrow a tab by what the filters ask for."""
    wanted = form.wanted()
    states = base.states
    if "stage" in wanted:
        inside = tuple(state for state in State if STAGE_OF.get(state) == wanted["stage"])
        states = tuple(state for state in inside if state in states) if states else inside
    return replace(
        base, states=states, product_id=wanted.get("product"), grade=wanted.get("grade", ""),
        overdue=wanted.get("overdue", False), frozen=wanted.get("frozen", False), sort=wanted.get("sort", sort),
    )  # fmt: skip


def list_form(asked: QueryDict, order: str) -> ListForm:
    """The filters of an address, with the list's own order where none is asked for."""
    return ListForm({**asked.dict(), "sort": asked.get("sort") or order})


def view_query(page: str, asked: QueryDict, form: ListForm) -> str:
    """The address of a list in the one way that saved views are written: tab, then filters and order that make sense."""
    wanted = form.wanted()
    tab = {"tab": asked["tab"] if asked.get("tab") in TABS else TABS[0]} if page == WORK else {}
    return urlencode({**tab, **{name: asked[name] for name in form.fields if asked.get(name) and name in wanted}})


def _saved(request: HttpRequest, page: str, form: ListForm) -> dict[str, Any]:
    """Saved views of a list, which one is shown, and whether rows may be chosen to be handed over."""
    views = Ports.views_of(request.actor, page)  # type: ignore[attr-defined]
    leads = Permission.CASE_REASSIGN in permissions_held(request.actor.held)  # type: ignore[attr-defined]
    shown = views.at(view_query(page, request.GET, form))
    return {"form": form, "choosing": leads, "views": views, "view": shown, "shelf": page}


@requires(Permission.CASE_CLAIM, Permission.CASE_REASSIGN)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """My work: what waits for the actor, what nobody holds, the branch's cases, what waits for applicants."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = list_form(request.GET, "due")
    saved = _saved(request, WORK, form)
    if not request.GET and (default := saved["views"].default):
        return redirect(f"{request.path}?{default.query}")
    tabs = tabs_for(actor)
    tab = next((tab for tab in tabs if tab.name == request.GET.get("tab")), tabs[0])
    wanted = narrowed(tab.filter, form, "due")
    page = cases_visible_to(actor, wanted, request.GET.get("cursor", ""), PAGE) if wanted.states else None
    shown = {
        "tabs": tabs, "tab": tab, "page": page, "rows": rows_of(page, actor) if page else [], "sort": wanted.sort,
        "late": work.late_count(actor), "free": next(each.count for each in tabs if each.name == "free"),
        "filtered": form.narrows(), **saved,
    }  # fmt: skip
    list_seen(request, Tag.CASES_LISTED, len(page.rows) if page else 0)
    return render(request, "workflow/queue.html", shown)


@requires(Permission.CASE_CLAIM)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the case that is due first among those that nobody holds."""
    try:
        case = case_take_next(actor=request.actor)  # type: ignore[attr-defined]
    except BadInput as nothing:
        messages.info(request, str(nothing))
        return redirect("console:work")
    messages.success(request, _("%(case)s is yours now.") % {"case": case.number})
    return redirect(case)


@requires(Permission.CASE_VIEW)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """All cases in the actor's sight, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = list_form(request.GET, "newest")
    saved = _saved(request, CASES, form)
    if not request.GET and (default := saved["views"].default):
        return redirect(f"{request.path}?{default.query}")
    wanted = narrowed(CaseFilter(), form, "newest")
    page = cases_visible_to(actor, wanted, request.GET.get("cursor", ""), PAGE)
    shown = {
        "page": page, "rows": rows_of(page, actor), "sort": wanted.sort, "filtered": form.narrows(), **saved,
    }  # fmt: skip
    list_seen(request, Tag.CASES_LISTED, len(page.rows))
    return render(request, "workflow/cases.html", shown)
