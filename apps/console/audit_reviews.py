"""Pages of the periodic review of the log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.access.looks import list_seen
from apps.audit.selectors import last_number
from apps.audit.tags import Tag
from apps.console.audit_scope import refuse_part_readers
from apps.console.reviews import log_review_confirm, log_review_sign, standing
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


class ReviewForm(CleanForm):
    """How far the reader has read, and what they found."""

    last = forms.IntegerField(
        label=gettext_lazy("Last event that you have read"), min_value=1, max_value=(1 << 63) - 1,
    )  # fmt: skip

    words = forms.CharField(
        label=pgettext_lazy("a review of the log", "What you found"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Say what you looked at, what stood out, and what was done about it."),
    )  # fmt: skip


@requires(Permission.AUDIT_REVIEW, step_up=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: Any) -> HttpResponse:
    """Show the reviews, the newest first, and take the signature of the next; the look goes on record before.

    They tell of the whole log, so whoever reads a part of it is refused at the door and told who can.
    """
    refuse_part_readers(request.actor)
    shown = standing()
    list_seen(request, Tag.LOG_REVIEWS_LISTED, len(shown.lines))
    return post_form(
        request, ReviewForm, success=gettext_lazy("Your review is signed. Another person reviews it now."),
        success_url=reverse("console:audit_reviews"), template="console/audit_reviews.html",
        service=lambda data: log_review_sign(actor=request.actor, **data), initial={"last": last_number()},
        context={"standing": shown, "me": request.actor.person_id},
    )  # fmt: skip


@requires(Permission.AUDIT_REVIEW, step_up=True)
@require_POST
def review_confirm(request: Any, uuid: UUID) -> HttpResponse:
    """Review what another has signed."""
    log_review_confirm(actor=request.actor, uuid=uuid)
    messages.success(request, _("The review is confirmed."))
    return redirect("console:audit_reviews")
