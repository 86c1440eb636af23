"""The case page, and talking on the case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.roles import permissions_held
from apps.core.actor import Actor
from apps.core.gathered import gather, rows
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.buttons import buttons_for
from apps.workflow.eligibility import next_of
from apps.workflow.forms import MessageForm, ReplyForm
from apps.workflow.links import desk_of, evidence_of, file_of
from apps.workflow.models import DutyDone, LoanCase
from apps.workflow.panels import drawn
from apps.workflow.rows import row_of
from apps.workflow.selectors import case_get
from apps.workflow.selectors.people import handles_of
from apps.workflow.selectors.timeline import happened, stages_of, steps_of
from apps.workflow.selectors.whocan import person_duties, steps_standing
from apps.workflow.services.reading import question_of, question_opened
from apps.workflow.services.talk import message_send


@requires(Permission.CASE_VIEW)
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of a case that the reader may see, assembled from panels."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number)
    gather(found, found.borrower)
    return render(request, "workflow/case.html", _shown(request, actor, found))


def _shown(request: HttpRequest, actor: Actor, found: LoanCase) -> dict[str, Any]:
    steps = steps_of(found)
    handles_of(
        [found.holder_id, *(each.person_id for each in rows(found, DutyDone))]
    )  # most of whom the parts will name
    panels = drawn(found, actor, request)
    stages = stages_of(found, steps)
    return {
        "case": found, "row": row_of(found, handles_of([found.holder_id]).get(found.holder_id or 0, "")),
        "may_see_sight": Permission.SIGHT_VIEW in permissions_held(actor.held), "stages": stages, "place": next((at for at, stage in enumerate(stages, 1) if stage.status in ("now", "stopped")), len(stages)),
        "happened": happened(steps), "buttons": buttons_for(found, actor), "desk": desk_of(found.state, found.number), "file_url": file_of(found.number), "evidence_url": evidence_of(found.number, actor), "next": next_of(found),
        "main": [panel for panel in panels if panel.place == "main"], "aside": [panel for panel in panels if panel.place != "main"],
    }  # fmt: skip


@requires(Permission.CASE_VIEW)
@require_safe
def who(request: HttpRequest, number: str) -> HttpResponse:
    """Each step from here: who may take it, and for the reader why they or why not."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number)
    gather(found, found.borrower)
    shown = {
        "case": found,
        "row": row_of(found),
        "standings": steps_standing(found, actor),
        "own": person_duties(found, actor),
    }
    return render(request, "workflow/who.html", shown)


@requires(Permission.CASE_MESSAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the borrower or to colleagues."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number)
    words = {
        "title": _("Message"), "submit_label": _("Send"), "back_url": found.get_absolute_url(),
        "back_label": f"{found.number} · {found.borrower.legal_name}",
    }  # fmt: skip
    return post_form(
        request, MessageForm, context=words, success_url=found.get_absolute_url(), success=_("Your message is on the case."),
        service=lambda cleaned: message_send(actor=actor, case=found, audience=cleaned["audience"], body=cleaned["body"]),
    )  # fmt: skip


@requires(Permission.CASE_MESSAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, number: str, question: int) -> HttpResponse:
    """Answer a colleague's question: it counts as answered, and who asked is told."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number, Permission.CASE_MESSAGE)
    asked = question_of(found, question, actor)
    words = {
        "title": _("Answer the question"), "submit_label": _("Answer"), "back_url": found.get_absolute_url(),
        "back_label": f"{found.number} · {found.borrower.legal_name}",
        "lead": _("Your answer goes to %(who)s and stands on the case.") % {"who": asked.author_name},
        # called where the page is drawn, so that a draft kept or an answer taken records no look
        "asked": asked, "question": lambda: question_opened(actor=actor, case=found, question=asked),
    }  # fmt: skip
    return post_form(
        request, ReplyForm, context=words, success_url=found.get_absolute_url(), success=_("The question is answered."),
        template="workflow/reply.html",
        service=lambda cleaned: message_send(
            actor=actor, case=found, audience="colleague", body=cleaned["body"], reply_to=asked
        ),
    )  # fmt: skip
