"""Bank accounts of a borrower: entered, verified by another person, closed."""

from __future__ import annotations

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.borrowers import forms, selectors, services
from apps.borrowers.models import BankAccount, Borrower
from apps.borrowers.views.changes import FORM_METHODS, borrower_form
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter an account."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    borrower = selectors.borrower_get(actor, pk, Permission.BORROWER_EDIT)
    return borrower_form(
        request, borrower, forms.AccountForm,
        lambda cleaned: services.bank_account_add(actor=actor, borrower=borrower, data=forms.AccountData(**cleaned)),
        title=_("Enter a bank account"), success=_("The account was entered. Another person has to verify it."),
        lead=_("An account takes no money before another person has verified it. It is never changed, only closed."),
    )  # fmt: skip


@requires(Permission.BORROWER_REVEAL)
@require_http_methods(FORM_METHODS)
def verify(request: HttpRequest, pk: int, account: int) -> HttpResponse:
    """Verify an account that another person has entered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    borrower = selectors.borrower_get(actor, pk, Permission.BORROWER_REVEAL)
    found = _account(borrower, account)
    return borrower_form(
        request, borrower, forms.VerifyForm,
        lambda cleaned: services.bank_account_verify(actor=actor, account=found, how=cleaned["how"]),
        title=_("Verify the account"), success=_("The account is verified."), submit_label=_("Verify"),
        lead=_("Account %(number)s at %(bank)s.") % {"number": found.number.masked, "bank": found.bank_name},
    )  # fmt: skip


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def close(request: HttpRequest, pk: int, account: int) -> HttpResponse:
    """Take an account out of use after asking once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    borrower = selectors.borrower_get(actor, pk, Permission.BORROWER_EDIT)
    found = _account(borrower, account)
    question = _("No money goes to account %(number)s any more?") % {"number": found.number.masked}
    return post_form(
        request, django_forms.Form, service=lambda _cleaned: services.bank_account_close(actor=actor, account=found),
        success_url=borrower.get_absolute_url(), success=_("The account is closed."), template="core/confirm.html",
        context={"title": _("Close the account"), "question": question, "back_url": borrower.get_absolute_url(),
                 "back_label": borrower.legal_name, "danger": True, "submit_label": _("Close the account")},
    )  # fmt: skip


def _account(borrower: Borrower, pk: int) -> BankAccount:
    found = BankAccount.objects.select_related("borrower", "key_owner").filter(pk=pk, borrower=borrower).first()
    if found is None:
        raise NotVisible(subject=borrower)
    return found
