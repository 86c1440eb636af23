"""Parts of the case page that workflow itself shows; stages add theirs through the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from apps.access.duties import Duty
from apps.access.services import can
from apps.audit.services import record_looks
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.vault.errors import Forgotten
from apps.workflow import registry
from apps.workflow.eligibility import forward_row
from apps.workflow.forms import MessageForm
from apps.workflow.models import DutyDone, LoanCase
from apps.workflow.registry import Panel, show
from apps.workflow.selectors.facilities import facilities_of
from apps.workflow.selectors.people import handles_of
from apps.workflow.services.reading import case_look, case_opened


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel ready to stand on the page."""

    name: str
    place: str
    html: str


def drawn(case: LoanCase, actor: Actor, request: HttpRequest) -> list[Drawn]:
    """All panels that the actor may see and that have something to show, in their order."""
    allowed = {panel.permission: can(actor, panel.permission, case).allowed for panel in registry.panels}
    shown = [panel for panel in registry.panels if allowed[panel.permission]]
    record_looks([look for panel in shown if panel.looks for look in panel.looks(case, actor)], actor=actor)
    found = [_draw(panel, case, actor, request) for panel in shown]
    return [panel for panel in found if panel is not None]


def _draw(panel: Panel, case: LoanCase, actor: Actor, request: HttpRequest) -> Drawn | None:
    try:
        html = _html(panel, case, actor, request)
    except (Unavailable, Forgotten) as away:  # what stands beside it is shown all the same
        html = render_to_string("workflow/panels/away.html", {"words": str(away)}, request)
    return Drawn(panel.name, panel.place, html) if html is not None else None


def _html(panel: Panel, case: LoanCase, actor: Actor, request: HttpRequest) -> str | None:
    shown = panel.build(case, actor)
    if shown is None:
        return None
    return render_to_string(panel.template, {**shown, "case": case, "actor": actor}, request)


def facilities(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """What is asked for, and what was approved."""
    asked = facilities_of(case)
    return {"facilities": asked, "approved": any(row.approved_amount is not None for row in asked)} if asked else None


def checks(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """What the next step needs: failed checks first, each with its sentence."""
    row = forward_row(case)
    standing = [registry.guards[name] for name in row.guards if name in registry.guards] if row is not None else []
    results = [(guard.label, list(guard.lacks(case, actor))) for guard in standing if guard.standing]
    failed = [(label, lines) for label, lines in results if lines]
    passed = [(label, lines) for label, lines in results if not lines]
    return {"failed": failed, "passed": passed} if results else None


def duties(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """Who took on which duty."""
    taken = rows(case, DutyDone)
    handles = handles_of(row.person_id for row in taken)
    done = [(Duty(row.duty).label, handles.get(row.person_id, "–"), row.created_at) for row in taken]
    return {"done": done} if done else None


def conversation(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """What was said on the case; opening it is recorded before a word is decrypted."""
    may_write = can(actor, Permission.CASE_MESSAGE, case).allowed
    return {"said": case_opened(actor=actor, case=case), "form": MessageForm() if may_write else None}


def register_panels() -> None:
    """Put workflow's own panels on the case page."""
    own = (
        Panel("facilities", "workflow/panels/facilities.html", facilities, Permission.CASE_VIEW, 5),
        Panel("checks", "workflow/panels/checks.html", checks, Permission.CASE_VIEW, 5, "side"),
        Panel(
            "conversation",
            "workflow/panels/conversation.html",
            conversation,
            Permission.CASE_VIEW,
            60,
            "side",
            lambda case, actor: [case_look(case, actor)],
        ),
        Panel("duties", "workflow/panels/duties.html", duties, Permission.CASE_VIEW, 80, "side"),
    )
    for panel in own:
        show(panel)
