"""Forms that change a borrower: the business, its people, its group, a declared tie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Person
from apps.borrowers import forms, selectors, services
from apps.borrowers.models import Borrower, BorrowerGroup, Interest, Party
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

SECRETS_OF_BUSINESS = forms.BusinessForm.secrets
FORM_METHODS = ("GET", "HEAD", "POST")


def masks(row: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Masks of secret fields, for placeholders."""
    return {name: "" if getattr(row, name) is None else getattr(row, name).masked for name in names}


def borrower_form(
    request: HttpRequest, borrower: Borrower, form: type[django_forms.Form], service: Callable[[dict[str, Any]], Any], *,
    title: Any, success: Any, options: dict[str, Any] | None = None, initial: dict[str, Any] | None = None, **words: Any,
) -> HttpResponse:  # fmt: skip
    """Show or take a form about a borrower; success leads back to the borrower's page."""
    back = borrower.get_absolute_url()
    context = {"title": title, "back_url": back, "back_label": borrower.legal_name, **words}
    return post_form(
        request,
        form,
        service=service,
        success_url=back,
        success=success,
        initial=initial,
        options=options,
        context=context,
    )


def _seen(request: HttpRequest, pk: int, permission: Permission) -> tuple[Actor, Borrower]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, selectors.borrower_get(actor, pk, permission)


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts of a business."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    clear = ("legal_name", "identifier_kind", "industry", "founded_on", "employees", "region")
    stored = masks(borrower, SECRETS_OF_BUSINESS)
    return borrower_form(
        request, borrower, forms.BusinessForm,
        lambda cleaned: services.borrower_update(actor=actor, borrower=borrower, changes=kept(cleaned, SECRETS_OF_BUSINESS)),
        title=_("Change the business"), success=_("The business was changed."), options={"stored": stored},
        initial={name: getattr(borrower, name) for name in clear},
        lead=_("Drafts of this business have to be declared again after a change."),
    )  # fmt: skip


def kept(cleaned: dict[str, Any], secrets: tuple[str, ...]) -> dict[str, Any]:
    """Leave out secrets that were left empty: they stay as they are."""
    return {name: value for name, value in cleaned.items() if not (name in secrets and value in ("", None))}


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def person_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a person behind the business."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    return post_form(
        request, forms.PartyForm,
        service=lambda cleaned: services.party_add(actor=actor, borrower=borrower, data=forms.PartyData(**cleaned)),
        success_url=lambda party: reverse("borrowers:part_add", args=[borrower.pk, party.pk]),
        success=_("The person was entered. Say what part they play."),
        context={"title": _("Enter a person"), "back_url": borrower.get_absolute_url(), "back_label": borrower.legal_name},
    )  # fmt: skip


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def person_edit(request: HttpRequest, pk: int, party: int) -> HttpResponse:
    """Change the facts of a person."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    person = party_of(borrower, party)
    secrets = forms.PartyForm.secrets
    return borrower_form(
        request, borrower, forms.PartyForm,
        lambda cleaned: services.party_update(actor=actor, party=person, changes=kept(cleaned, secrets)),
        title=_("Change a person"), success=_("The person was changed."), options={"stored": masks(person, secrets)},
        initial={"id_kind": person.id_kind},
    )  # fmt: skip


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def part_add(request: HttpRequest, pk: int, party: int) -> HttpResponse:
    """Say what part a person plays."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    person = party_of(borrower, party)
    return borrower_form(
        request, borrower, forms.PartForm,
        lambda cleaned: services.interest_add(actor=actor, party=person, **cleaned),
        title=_("Add a part"), success=_("The part was added."), lead=person.name.masked,
    )  # fmt: skip


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def part_end(request: HttpRequest, pk: int, interest: int) -> HttpResponse:
    """End a person's part after asking once."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    found = Interest.objects.select_related("party", "borrower").filter(pk=interest, borrower=borrower).first()
    if found is None:
        raise NotVisible(subject=borrower)
    question = _("Does %(person)s no longer act as %(part)s of this business?") % {
        "person": found.party.name.masked, "part": found.get_kind_display()}  # fmt: skip
    return post_form(
        request, django_forms.Form, service=lambda _cleaned: services.interest_end(actor=actor, interest=found),
        success_url=borrower.get_absolute_url(), success=_("The part has ended."), template="core/confirm.html",
        context={"title": _("End a part"), "question": question, "back_url": borrower.get_absolute_url(),
                 "back_label": borrower.legal_name, "submit_label": _("End the part")},
    )  # fmt: skip


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the business into a related group, or out of it."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_EDIT)
    groups = list(selectors.groups_found(actor).values_list("pk", "name"))

    def assign(cleaned: dict[str, Any]) -> Any:
        chosen = BorrowerGroup.objects.filter(pk=cleaned["group"]).first() if cleaned["group"] else None
        return services.group_assign(actor=actor, borrower=borrower, group=chosen, new_name=cleaned["name"])

    return borrower_form(
        request, borrower, forms.GroupForm, assign, title=_("Related group"), success=_("The group was set."),
        options={"groups": groups}, initial={"group": borrower.group_id or ""},
    )  # fmt: skip


@requires(Permission.BORROWER_VIEW)
@require_http_methods(FORM_METHODS)
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare one's own tie to the business; it is out of one's sight from then on."""
    actor, borrower = _seen(request, pk, Permission.BORROWER_VIEW)
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    if person is None:
        raise NotVisible(subject=borrower)
    return post_form(
        request, forms.TieForm,
        service=lambda cleaned: services.tie_declare(actor=actor, borrower=borrower, person=person, **cleaned),
        success_url=reverse("borrowers:list"), success=_("Your tie is on record. You no longer see this business."),
        context={"title": _("Declare a tie"), "back_url": borrower.get_absolute_url(), "back_label": borrower.legal_name,
                 "lead": _("Nobody touches a case of their own business or of a relative's. Only the compliance officer"
                           " ends a declared tie.")},
    )  # fmt: skip


def party_of(borrower: Borrower, pk: int) -> Party:
    """A person of this borrower; raises ``NotVisible``."""
    found = Party.objects.select_related("borrower", "key_owner").filter(pk=pk, borrower=borrower).first()
    if found is None:
        raise NotVisible(subject=borrower)
    return found
