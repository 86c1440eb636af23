"""Handing over cases for leads: choose, see what happens to each, do it, see what has moved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from apps.access.looks import list_seen
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.list_forms import HandOverForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import handing
from apps.workflow.selectors.load import loads
from apps.workflow.selectors.people import handles_of
from apps.workflow.services.handing import cases_hand_over


def _chosen(values: list[str]) -> list[handing.Chosen]:
    return [each for text in values[: handing.MOST] if (each := handing.Chosen.read(text)) is not None]


def _with_holders(cases: list[LoanCase]) -> list[tuple[LoanCase, str]]:
    handles = handles_of(case.holder_id for case in cases)
    return [(case, handles.get(case.holder_id or 0, "")) for case in cases]


@requires(Permission.CASE_REASSIGN)
@require_safe
def hand_over(request: HttpRequest) -> HttpResponse:
    """Show the cases that were chosen, or all that somebody holds, and ask who takes them and why."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    handle = request.GET.get("holder", "")[:64]
    account = handing.holder_named(handle) if handle else None
    if account is not None:
        cases = list(handing.cases_held(actor, account.person_id))
    else:
        cases = handing.cases_chosen(actor, _chosen(request.GET.getlist("case")))
    list_seen(request, Tag.CASES_LISTED, len(cases))
    shown: dict[str, Any] = {"lines": _with_holders(cases), "handle": handle, "full": len(cases) == handing.MOST}
    if cases:
        shown["form"] = HandOverForm(people=_others(cases, account.person_id if account else None))
    else:
        shown["loads"] = [load for load in loads(actor).by_holder if load.key]
    return render(request, "workflow/hand_over.html", shown)


def _others(cases: list[LoanCase], person_id: int | None) -> list[tuple[int, str]]:
    return [(person, handle) for person, handle in handing.takers(cases) if person != person_id]


@requires(Permission.CASE_REASSIGN)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Say for each case what would happen, before anything does."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = _chosen(request.POST.getlist("case"))
    cases = handing.cases_chosen(actor, chosen)
    form = HandOverForm(request.POST, people=handing.takers(cases))
    if not cases or not form.is_valid():
        return render(request, "workflow/hand_over.html", {"lines": _with_holders(cases), "form": form}, status=400)
    data = form.cleaned_data
    lines = handing.previewed(actor, chosen, data["new_holder"], data["text"])
    list_seen(request, Tag.CASES_LISTED, len(lines))
    return render(request, "workflow/hand_over_preview.html", {"lines": lines, "form": form, **_sums(lines, form)})


@requires(Permission.CASE_REASSIGN)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Hand the cases over one by one, and show what has moved and what stays."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = _chosen(request.POST.getlist("case"))
    form = HandOverForm(request.POST, people=handing.takers(handing.cases_chosen(actor, chosen)))
    if not chosen or not form.is_valid():
        return render(request, "workflow/hand_over.html", {"lines": [], "form": form}, status=400)
    data = form.cleaned_data
    lines = cases_hand_over(actor=actor, chosen=chosen, new_holder_id=data["new_holder"], text=data["text"])
    return render(request, "workflow/hand_over_done.html", {"lines": lines, **_sums(lines, form)})


def _sums(lines: list[handing.Line], form: HandOverForm) -> dict[str, Any]:
    """How many cases move, are there already and stay, and who takes them."""
    counted = {outcome: sum(line.outcome == outcome for line in lines) for outcome in ("moves", "there", "stays")}
    return {**counted, "taker": form.taker, "why": form.cleaned_data["text"]}
