"""The page "New application"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.roles import permissions_by
from apps.accounts.models import Branch
from apps.applications import services
from apps.applications.forms import NewApplicationForm
from apps.applications.views.finding import FORM_METHODS, stage_url
from apps.borrowers.models import Borrower
from apps.borrowers.rules import BusinessData
from apps.borrowers.selectors import borrower_find, borrower_get
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.text import whole_number
from apps.workflow.models import LoanCase, Product
from apps.workflow.services import FacilityAsk


@requires(Permission.BORROWER_EDIT)
@require_http_methods(FORM_METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Open an application for a known business (``?borrower=``) or a new one; then the stage page follows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    known = whole_number(request.GET.get("borrower", ""))
    borrower = borrower_get(actor, known, Permission.BORROWER_EDIT) if known is not None else None
    products = list(Product.objects.filter(is_active=True).order_by("code"))
    options = {"borrower": borrower, "branches": _branches(actor), "products": products}
    return post_form(
        request, NewApplicationForm, service=lambda cleaned: _create(actor, borrower, cleaned), success_url=stage_url,
        success=_("The draft is open. Fill the sections that are still missing."), options=options,
        template="applications/new.html", context={"borrower": borrower, "products": products},
    )  # fmt: skip


def _create(actor: Actor, borrower: Borrower | None, cleaned: dict[str, Any]) -> LoanCase:
    product = Product.objects.filter(pk=cleaned["product"]).first()
    if product is None:
        raise BadInput({"product": [_("Choose a product.")]})
    ask = FacilityAsk(cleaned["amount"], cleaned["term_months"], kind="revolving" if product.is_revolving else "new")
    words = services.Words(purpose=cleaned["purpose"], repayment_source=cleaned["repayment_source"])
    if borrower is not None:
        return services.application_create(
            actor=actor, product=product, facilities=[ask], words=words, borrower=borrower
        )
    _refuse_known(actor, cleaned["identifier"])
    return services.application_create(
        actor=actor, product=product, facilities=[ask], words=words,
        branch=Branch.objects.filter(pk=cleaned["branch"]).first(),
        business=BusinessData(**{name: cleaned[name] for name in BusinessData.__dataclass_fields__}),
    )  # fmt: skip


def _refuse_known(actor: Actor, identifier: str) -> None:
    """A business that the actor can see is not entered twice."""
    same = borrower_find(actor, identifier) if identifier else []
    if same:
        sentence = _("This business is known already: %(name)s. Open the application from its page (Borrowers).")
        raise BadInput({"identifier": [sentence % {"name": same[0].legal_name}]})


def _branches(actor: Actor) -> list[tuple[int, str]]:
    """Branches at which the actor may enter a business."""
    held = [each for each in actor.held if Permission.BORROWER_EDIT in permissions_by(each)]
    return [(branch.pk, branch.name) for branch in Branch.objects.order_by("path")
            if any(each.covers(branch.pk) for each in held)]  # fmt: skip
