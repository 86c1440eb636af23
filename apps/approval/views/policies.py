"""Pages of who manages the credit policy: its versions, a new version, and the list of conditions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.selectors import institution
from apps.approval import services
from apps.approval.models import Policy
from apps.approval.policy_forms import PolicyPage, TemplateForm
from apps.approval.selectors.policies import in_force, template_named, templates_all, version_numbered, versions
from apps.approval.selectors.policy_pages import policy_changes, policy_shown
from apps.approval.selectors.waiting import waiting_under
from apps.approval.services.policy import PolicyDraft, draft_of, first_draft
from apps.approval.views.confirming import confirmed
from apps.core import drafting
from apps.core.errors import BadInput
from apps.core.pages import done, keep, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

LISTED = "listed"
"""Name of the ticks beside cases that a new version takes under it."""


@requires(Permission.POLICY_MANAGE)
@require_safe
def policies(request: Any) -> HttpResponse:
    """All versions with who, when and why, and the one in force as a matrix."""
    holding = in_force()
    context = {
        "versions": versions(),
        "policy": holding,
        "shown": policy_shown(holding.rules(), holding.memo_days) if holding else None,
    }
    return render(request, "approval/policies.html", context)


@requires(Permission.POLICY_MANAGE)
@require_safe
def policy_version(request: Any, version: int) -> HttpResponse:
    """One version, and what it changed."""
    policy = version_numbered(version)
    shown = policy_shown(policy.rules(), policy.memo_days)
    before = Policy.objects.filter(version__lt=version).order_by("-version").first()
    old = policy_shown(before.rules(), before.memo_days) if before else None
    context = {
        "policy": policy, "shown": shown, "holding": in_force(), "before": before,
        "changes": policy_changes(old, shown) if old else [],
    }  # fmt: skip
    return render(request, "approval/policy_version.html", context)


@requires(Permission.POLICY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_new(request: Any) -> HttpResponse:
    """A new version, copied from the one in force; sending it shows the difference and puts nothing in force."""
    base, draft = _start()
    page = PolicyPage(draft, base.version if base else 0, request.POST if request.method == "POST" else None)
    if told := drafting.discarded(request) or drafting.answered(request, page.whole()):
        return told
    return _previewed(request, page, base) if request.method == "POST" else _page(request, page, base)


@requires(Permission.POLICY_MANAGE)
@require_POST
@confirmed
def policy_publish(request: Any) -> HttpResponse:
    """Put the version in force whose difference was shown; anything typed since is shown again first."""
    base, start = _start()
    page = PolicyPage(start, base.version if base else 0, request.POST)
    if not page.is_valid() or page.draft().fingerprint != page.head.cleaned_data["seen"]:
        return _previewed(request, page, base)
    data = page.head.cleaned_data
    try:
        made = services.policy_publish(
            actor=request.actor, draft=page.draft(), why=data["why"], base=data["base"] or None,
            listed=request.POST.getlist(LISTED),
        )  # fmt: skip
    except BadInput as error:
        keep(page.head, error, request)
        return _page(request, page, base, page.draft(), status=400)
    drafting.sent(request, reverse("approval:policy_new"))
    words = _("Version %(version)s is in force.") % {"version": made.version}
    return done(request, reverse("approval:policies"), words)


def _start() -> tuple[Policy | None, PolicyDraft]:
    """The newest version and its draft; before there is any, the one that a first start lays down."""
    newest = versions()[:1]
    if newest:
        return newest[0], draft_of(newest[0])
    place = institution()
    return None, first_draft(place.currency if place else "CNY")


def _previewed(request: Any, page: PolicyPage, base: Policy | None) -> HttpResponse:
    """The page with what would change, or with what is wrong with it."""
    if not page.is_valid():
        return _page(request, page, base, status=400)
    draft = page.draft()
    try:
        services.draft_check(draft)
    except BadInput as error:
        keep(page.head, error, request)
        return _page(request, page, base, status=400)
    page.show(draft.fingerprint)
    return _page(request, page, base, draft)


def _page(
    request: Any, page: PolicyPage, base: Policy | None, draft: PolicyDraft | None = None, status: int = 200
) -> HttpResponse:
    kept = drafting.shown(request, page.whole())
    context: dict[str, Any] = {"page": page, "form": page.head, "base": base, "draft": kept}
    if draft is not None:
        old = policy_shown(base.rules(), base.memo_days) if base else None
        context["shown"] = policy_shown(draft.rules(), draft.memo_days)
        context["changes"] = policy_changes(old, context["shown"])
        context["waiting"] = waiting_under(request.actor, draft.rules())
        context["listed"] = request.POST.getlist(LISTED)
    return render(request, "approval/policy_new.html", context, status=status)


@requires(Permission.POLICY_MANAGE)
@require_safe
def templates(request: Any) -> HttpResponse:
    """The whole list of conditions."""
    return render(request, "approval/templates.html", {"templates": templates_all()})


@requires(Permission.POLICY_MANAGE, step_up=True)
@require_http_methods(["GET", "HEAD", "POST"])
def template_add(request: Any) -> HttpResponse:
    """Add a condition to the list."""
    return post_form(
        request,
        TemplateForm,
        service=lambda data: services.template_add(actor=request.actor, draft=services.TemplateDraft(**data)),
        success_url=reverse("approval:templates"),
        success=_("The condition is on the list."),
        context={
            "title": _("New condition"), "back_url": reverse("approval:templates"), "back_label": _("Conditions"),
            "submit_label": _("Add the condition"),
        },
    )  # fmt: skip


@requires(Permission.POLICY_MANAGE, step_up=True)
@require_POST
def template_use(request: Any, code: str) -> HttpResponse:
    """Retire a condition from the list, or put it back."""
    services.template_use(actor=request.actor, template=template_named(code), in_use="in_use" in request.POST)
    messages.success(request, _("The list is saved."))
    return redirect("approval:templates")
