"""Who acts for a business in the portal: invite, send a new link, end."""

from __future__ import annotations

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.borrowers import acting, services
from apps.borrowers.forms import InviteForm
from apps.borrowers.models import BorrowerAccess
from apps.borrowers.selectors import borrower_get
from apps.borrowers.views.changes import FORM_METHODS, borrower_form, party_of
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

INVITE = Permission.BORROWER_INVITE
INVITED = _(
    "The person gets a link to the address on file, open for 24 hours, and chooses a password. They see every case of"
    " this business, answer, apply and accept offers. Make sure that you speak with this very person."
)
NOBODY = _("Owners, legal representative and signers all have access already. Enter a further person first.")


@requires(INVITE, step_up=True)
@require_http_methods(FORM_METHODS)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite a person of the business by e-mail."""
    actor = request.actor  # type: ignore[attr-defined]
    borrower = borrower_get(actor, pk, INVITE)
    people = acting.people_to_invite(borrower)
    return borrower_form(
        request, borrower, InviteForm,
        lambda cleaned: services.portal_invite(
            actor=actor, borrower=borrower, party=party_of(borrower, cleaned["party"]), language=cleaned["language"],
            site=request.build_absolute_uri("/"),
        ),
        title=_("Invite to the portal"), success=_("The invitation is on its way by e-mail."), submit_label=_("Send the invitation"),
        options={"people": people}, lead=INVITED if people else NOBODY, nothing_to_do=not people,
    )  # fmt: skip


@requires(INVITE, step_up=True)
@require_http_methods(FORM_METHODS)
def reinvite(request: HttpRequest, pk: int, access: int) -> HttpResponse:
    """Send a new link."""
    return _confirmed(
        request, pk, access, title=_("Send a new link"), success=_("A new link is on its way by e-mail."), danger=False,
        question=_("Send a new one-time link to %(person)s? Earlier links stop working, and with it a new password is chosen."),
        submit=_("Send the link"),
    )  # fmt: skip


@requires(INVITE)
@require_http_methods(FORM_METHODS)
def end(request: HttpRequest, pk: int, access: int) -> HttpResponse:
    """End somebody's access after asking once."""
    return _confirmed(
        request, pk, access, title=_("End the access"), success=_("The access has ended."), danger=True,
        question=_("%(person)s no longer sees this business in the portal?"), submit=_("End the access"),
    )  # fmt: skip


def _confirmed(
    request: HttpRequest, pk: int, access: int, *, title: object, question: object, success: object, submit: object, danger: bool
) -> HttpResponse:  # fmt: skip
    actor = request.actor  # type: ignore[attr-defined]
    borrower = borrower_get(actor, pk, INVITE)
    found = acting.access_get(borrower, access)

    def carry_out(_cleaned: dict[str, object]) -> BorrowerAccess:
        if danger:
            return services.access_end(actor=actor, access=found)
        return services.portal_reinvite(actor=actor, access=found, site=request.build_absolute_uri("/"))

    name = (found.party or found.account.person).name.masked
    return post_form(
        request, django_forms.Form, service=carry_out, success_url=borrower.get_absolute_url(), success=success,
        template="core/confirm.html",
        context={"title": title, "question": question % {"person": name}, "submit_label": submit, "danger": danger,  # type: ignore[operator]
                 "back_url": borrower.get_absolute_url(), "back_label": borrower.legal_name},
    )  # fmt: skip
