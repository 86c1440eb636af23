"""What administrators do to a colleague's account: suspend, restore, unlock, grant and revoke roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.directory import staff_named
from apps.access.models import RoleGrant
from apps.access.services import role_grant, role_revoke
from apps.access.services.granting import a_year
from apps.access.services.people import staff_passkeys_retire, staff_restore, staff_suspend, staff_unlock
from apps.console.people import FORM, back_to
from apps.console.people_forms import GrantForm, ReasonForm, needs_second
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.PEOPLE_SUSPEND, step_up=True)
@FORM
def suspend(request: Any, handle: str) -> HttpResponse:
    """Suspend an account."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, ReasonForm, template="core/confirm.html", success=gettext_lazy("The account is suspended."),
        service=lambda data: staff_suspend(actor=request.actor, account=account, reason=data["reason"]),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("Suspend %(handle)s") % {"handle": handle}, "danger": True, "submit_label": _("Suspend"),
            "question": _("All sessions of this person end at once, and nobody can sign in until you restore it."),
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.PEOPLE_SUSPEND, step_up=True)
@FORM
def passkeys_revoke(request: Any, handle: str) -> HttpResponse:
    """Revoke all passkeys of a colleague."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The passkeys are revoked."),
        service=lambda _data: staff_passkeys_retire(actor=request.actor, account=account),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("Revoke the passkeys of %(handle)s") % {"handle": handle}, "danger": True,
            "submit_label": _("Revoke"),
            "question": _("Their passkeys prove and sign nothing any more, and all their sessions end."),
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.PEOPLE_INVITE, step_up=True)
@FORM
def restore(request: Any, handle: str) -> HttpResponse:
    """Restore a suspended account."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, ReasonForm, template="core/confirm.html", success=gettext_lazy("The account is restored."),
        service=lambda data: staff_restore(actor=request.actor, account=account, reason=data["reason"]),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("Restore %(handle)s") % {"handle": handle}, "submit_label": _("Restore"),
            "question": _("The person can sign in again with the password and authenticator of before."),
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.PEOPLE_INVITE, step_up=True)
@FORM
def unlock(request: Any, handle: str) -> HttpResponse:
    """Lift a lock-out before its time."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The lock is lifted."),
        service=lambda _data: staff_unlock(actor=request.actor, account=account),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("Unlock %(handle)s") % {"handle": handle}, "submit_label": _("Unlock"),
            "question": _("Make sure that you speak with the person: too many wrong codes may mean an attack."),
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.ROLE_GRANT, step_up=True)
@FORM
def grant(request: Any, handle: str) -> HttpResponse:
    """Grant a role."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, GrantForm, success=gettext_lazy(
            "The request is taken. A powerful role waits until others agree; any other counts from the next sign-in."
        ),
        service=lambda data: role_grant(actor=request.actor, person=account.person, **{**data, "ends": data["ends"] or a_year()}),
        success_url=reverse("console:person", args=[handle]),
        context={"title": _("Grant a role to %(handle)s") % {"handle": handle}, "submit_label": _("Grant"),
                 "lead": needs_second(),
                 **back_to(handle)},
    )  # fmt: skip


@requires(Permission.ROLE_GRANT, step_up=True)
@FORM
def revoke(request: Any, handle: str, uuid: UUID) -> HttpResponse:
    """End a role."""
    account = staff_named(actor=request.actor, handle=handle)
    held = RoleGrant.objects.select_related("person", "branch").filter(uuid=uuid, person=account.person).first()
    if held is None:
        raise Http404
    return post_form(
        request, ReasonForm, template="core/confirm.html", success=gettext_lazy("The role has ended."),
        service=lambda data: role_revoke(actor=request.actor, grant=held, reason=data["reason"]),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("End a role of %(handle)s") % {"handle": handle}, "danger": True, "submit_label": _("End the role"),
            "question": f"{held.role_label} · {held.where_words}", **back_to(handle),
        },
    )  # fmt: skip
