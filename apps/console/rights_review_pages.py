"""Pages of the review of rights: the lines that one answers, all reviews with their progress, one of them, and its report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.access.looks import list_seen
from apps.access.rights import handles_of
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.console.abilities import over_people
from apps.console.people import FORM
from apps.console.people_forms import reason_field
from apps.console.review_rows import ReviewLine, RightsReview, Verdict
from apps.console.rights_gathering import CONFLICTS
from apps.console.rights_report import is_ours
from apps.console.rights_reviews import (
    RELATED,
    lines_answer,
    lines_for,
    progress,
    review_close,
    review_current,
    review_open,
)
from apps.core import keyset
from apps.core.forms import CleanForm
from apps.core.keyset import Page
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.text import whole_number

SHOWN, PAGE = 200, 100


class AnswerForm(CleanForm):
    """Keep or revoke the lines that are ticked, with one reason."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Answer"), choices=[(Verdict.KEEP, gettext_lazy("Keep")), (Verdict.REVOKE, gettext_lazy("Revoke"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = reason_field()


@requires(Permission.RIGHT_ASK, step_up=True)
@never_cache
@FORM
def rights_review(request: Any) -> HttpResponse:
    """Show the lines that wait for the reader, and take the answer to those that are ticked."""
    review = review_current()
    rows = list(_related(lines_for(request.actor, review).filter(verdict=Verdict.OPEN))[:SHOWN]) if review else []
    list_seen(request, Tag.PEOPLE_LISTED, len(rows))
    shown = {"review": review, "lines": _shown(rows), "progress": progress([review])[review.pk] if review else {}}
    if review is None:
        return render(request, "console/rights_review.html", shown)
    chosen = [each for each in (_uuid(text) for text in request.POST.getlist("line")) if each is not None]
    return post_form(
        request, AnswerForm, template="console/rights_review.html", success=gettext_lazy("Your answer is recorded."),
        service=lambda data: lines_answer(actor=request.actor, review=review, lines=chosen, **data),
        success_url=reverse("console:rights_review"), context={**shown, "chosen": {str(each) for each in chosen}},
    )  # fmt: skip


@requires(Permission.PEOPLE_VIEW)
@never_cache
@require_safe
def reviews(request: Any) -> HttpResponse:
    """List the reviews with their progress."""
    rows = list(RightsReview.objects.order_by("-pk")[:PAGE])
    list_seen(request, Tag.PEOPLE_LISTED, len(rows))
    counts = progress(rows)
    shown = [{"review": row, "counts": counts[row.pk]} for row in rows]
    context = {
        "reviews": shown,
        "may_open": not any(row.closed_at is None for row in rows),
        **over_people(request.actor),
    }
    return render(request, "console/rights_reviews.html", context)


@requires(Permission.PEOPLE_VIEW)
@never_cache
@require_safe
def review(request: Any, uuid: UUID) -> HttpResponse:
    """Show one review: how far it is, and every line."""
    row, key = _found(uuid), keyset.decode(request.GET.get("cursor", ""))
    after = whole_number(str(key[0])) if key else None
    lines = _related(row.lines.filter(pk__gt=after) if after is not None else row.lines.all())
    found = list(lines[: PAGE + 1])
    list_seen(request, Tag.PEOPLE_LISTED, len(found[:PAGE]))
    page = Page(_shown(found[:PAGE]), keyset.encode([found[PAGE - 1].pk]) if len(found) > PAGE else "", after is None)
    counts = progress([row])[row.pk]
    done = counts["answered"] == counts["all"] and row.closed_at is None
    context = {"review": row, "page": page, "counts": counts, "may_close": done, "intact": not row.report or is_ours(row.report),
               **over_people(request.actor)}  # fmt: skip
    return render(request, "console/rights_review_one.html", context)


@requires(Permission.ROLE_GRANT, step_up=True)
@FORM
def review_opened(request: Any) -> HttpResponse:
    """Open a review."""
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The review is open. Its reviewers are told."),
        service=lambda _data: review_open(actor=request.actor),
        success_url=lambda made: reverse("console:rights_review_one", args=[made.uuid]),
        context={
            "title": _("Open a review of rights"), "submit_label": _("Begin the review"),
            "question": _("Every role, shared case and delegation goes to the line manager, for three weeks."),
            "consequences": [_("What nobody has answered by then is ended."), _("The report is signed with the log's key.")],
            "back_url": reverse("console:rights_reviews"), "back_label": _("Reviews of rights"),
        },
    )  # fmt: skip


@requires(Permission.ROLE_GRANT, step_up=True)
@require_POST
def review_closed(request: Any, uuid: UUID) -> HttpResponse:
    """Close a review of which every line is answered."""
    review_close(actor=request.actor, review=_found(uuid))
    messages.success(request, _("The review is closed and its report signed."))
    return redirect("console:rights_review_one", uuid)


@requires(Permission.PEOPLE_VIEW, step_up=True)
@never_cache
@require_safe
def review_report(request: Any, uuid: UUID) -> HttpResponse:
    """Hand out the signed report; taking it is on record."""
    row = _found(uuid)
    if not row.report:
        raise Http404
    record_read(Tag.RIGHTS_REVIEW_REPORT_TAKEN, actor=request.actor, subject=row)
    answer = HttpResponse(row.report, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rights-review-{row.created_at:%Y%m%d}.txt"'
    return answer


def _found(uuid: UUID) -> RightsReview:
    row = RightsReview.objects.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def _related(rows: Any) -> Any:
    return rows.select_related(*RELATED).order_by("pk")


def _shown(rows: list[ReviewLine]) -> list[dict[str, Any]]:
    people = {each for row in rows for each in (row.person_id, row.reviewer_id, row.decided_by_id) if each is not None}
    handles = handles_of(people)
    return [
        {
            "row": row, "person": handles.get(row.person_id, ""), "reviewer": handles.get(row.reviewer_id or 0, ""),
            "by": handles.get(row.decided_by_id or 0, ""), "odd": [CONFLICTS[code] for code in row.conflicts if code in CONFLICTS],
        }
        for row in rows
    ]  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
