"""The first steps of an application: which loan, what for, and the business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts.selectors import branches, registration_open
from apps.applications import services as applications
from apps.applications.selectors import application_read
from apps.applications.services import Words
from apps.borrowers.acting import own_businesses
from apps.borrowers.rules import BusinessData
from apps.borrowers.services import business_enter
from apps.borrowers.views.changes import kept, masks
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal import services, wizard
from apps.portal import wizard_forms as forms
from apps.portal.views.drafts import METHODS, drafting, step_page
from apps.workflow.models import Facility, LoanCase, Product
from apps.workflow.selectors import CaseFilter, cases_visible_to
from apps.workflow.services import FacilityAsk
from apps.workflow.states import State

Cleaned = Mapping[str, Any]


@requires(Permission.PORTAL_USE)
@require_http_methods(METHODS)
def start(request: HttpRequest) -> HttpResponse:
    """Begin an application, or go on with one that is open."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    own = list(own_businesses(actor))
    products = list(Product.objects.filter(is_active=True).order_by("code"))
    drafts = cases_visible_to(actor, CaseFilter(states=(State.DRAFT,)), limit=services.MOST_DRAFTS).rows

    def begin(cleaned: Cleaned) -> LoanCase:
        business = next((each for each in own if each.pk == cleaned["borrower"]), None)
        product = next((each for each in products if each.pk == cleaned["product"]), None)
        if business is None or product is None:
            raise BadInput({"product": [_("Choose a product.")]})
        return services.application_begin(
            actor=actor,
            borrower=business,
            product=product,
            amount=cleaned["amount"],
            term_months=cleaned["term_months"],
        )

    return post_form(
        request, forms.StartForm, service=begin, template="portal/start.html", options={"businesses": own, "products": products},
        success=_("Your application is open. Everything you enter is kept."),
        success_url=lambda case: wizard.step_url(case, "purpose"),
        context={"title": _("Apply for a loan"), "drafts": drafts, "able": bool(own and products), "products": products,
                 "may_enter": registration_open(), "back_url": reverse("portal:home"),
                 "back_label": _("My applications")},
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(METHODS)
def business_new(request: HttpRequest) -> HttpResponse:
    """Enter a business of one's own; it stands for itself, whoever else the bank knows by its name or identifier."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not registration_open():
        raise NotVisible
    offered = list(branches())

    def enter(cleaned: Cleaned) -> Any:
        chosen = next(branch for branch in offered if branch.pk == cleaned["branch"])
        data = {name: cleaned[name] for name in ("legal_name", "identifier_kind", "identifier")}
        return business_enter(actor=actor, branch=chosen, data=BusinessData(**data))

    return post_form(
        request, forms.EnterBusinessForm, service=enter, options={"branches": offered}, success_url=reverse("portal:apply"),
        success=_("Your business is entered. Choose the loan now."),
        context={"title": _("Your business"), "submit_label": _("Continue"), "back_url": reverse("portal:apply"),
                 "back_label": _("Apply for a loan"),
                 "lead": _("Only for a business that you own, represent or sign for. The bank checks it, and you, before it decides.")},
    )  # fmt: skip


@drafting
def loan(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """Amount and term."""
    facility = Facility.objects.select_related("replaces").filter(case=case).order_by("position").first()
    stored = {"amount": facility.amount.normalize(), "term_months": facility.term_months} if facility else {}

    def save(cleaned: Cleaned) -> LoanCase:
        wanted = {**stored, **{name: cleaned[name] for name in ("amount", "term_months") if cleaned.get(name)}}
        ask = FacilityAsk(wanted["amount"], wanted["term_months"])
        if facility is not None:  # kind and what it replaces are no matter of this step
            ask = replace(ask, kind=facility.kind, repayment=facility.repayment, replaces=facility.replaces)
        place = facility.position if facility is not None else None
        return applications.facility_save(actor=actor, case=case, version=cleaned["version"], ask=ask, position=place)

    return step_page(request, case, "loan", forms.LoanForm, save, initial=stored, product=case.product)


@drafting
def purpose(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """Purpose and source of repayment; showing them is recorded."""
    shown = application_read(actor, case)
    stored = {"purpose": shown.purpose, "repayment_source": shown.repayment_source, "narrative": shown.narrative}

    def save(cleaned: Cleaned) -> LoanCase:
        words = {name: cleaned.get(name, held) for name, held in stored.items()}
        return applications.application_save(actor=actor, case=case, version=cleaned["version"], words=Words(**words))

    return step_page(
        request, case, "purpose", forms.PurposeForm, save, initial=stored,
        lead=_("Tell us in your own words. The clearer it is, the sooner we can decide."),
    )  # fmt: skip


@drafting
def business(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """Facts of the business."""
    secrets = forms.BusinessStepForm.secrets
    clear = ("legal_name", "identifier_kind", "industry", "founded_on", "employees", "region")

    def save(cleaned: Cleaned) -> LoanCase:
        changes = {name: cleaned[name] for name in BusinessData.__dataclass_fields__ if name in cleaned}
        return applications.business_save(
            actor=actor, case=case, version=cleaned["version"], changes=kept(changes, secrets)
        )

    return step_page(
        request, case, "business", forms.BusinessStepForm, save, options={"stored": masks(case.borrower, secrets)},
        initial={name: getattr(case.borrower, name) for name in clear},
        lead=_("As it stands in the register. What we know already is shown with dots in place of most digits."),
    )  # fmt: skip
