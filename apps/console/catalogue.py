"""Products and reasons: pages for administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.selectors import institution
from apps.console.forms import ProductForm, ReasonForm, initial_of
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import Product, Reason
from apps.workflow.services.catalogue import product_retire, product_save, reason_retire, reason_save


def back(name: str, label: Any) -> dict[str, Any]:
    """Way back from a form to its list."""
    return {"back_url": reverse(name), "back_label": label}


@requires(Permission.PRODUCT_MANAGE)
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """All products, those in use first."""
    return render(request, "console/products.html", {"products": Product.objects.order_by("-is_active", "code")})


@requires(Permission.PRODUCT_MANAGE, step_up=True)
@require_http_methods(["GET", "HEAD", "POST"])
def product(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a product, or change one."""
    row = get_object_or_404(Product, code=code) if code else None
    here = institution()
    currency = here.currency if here is not None else "CNY"
    return post_form(
        request, ProductForm, success_url=reverse("console:products"), success=gettext_lazy("The product is saved."),
        service=lambda cleaned: product_save(actor=request.actor, product=row, values=cleaned),  # type: ignore[attr-defined]
        initial=initial_of(ProductForm, row) if row else {"currency": currency}, options={"row": row},
        context={"title": row.name if row else _("New product"), **back("console:products", gettext_lazy("Products"))},
    )  # fmt: skip


@requires(Permission.PRODUCT_MANAGE, step_up=True)
@require_POST
def product_use(request: HttpRequest, code: str) -> HttpResponse:
    """Retire a product, or take it into use again."""
    row = get_object_or_404(Product, code=code)
    product_retire(actor=request.actor, product=row, in_use="in_use" in request.POST)  # type: ignore[attr-defined]
    messages.success(request, _("The product is saved."))
    return redirect("console:products")


@requires(Permission.REASON_MANAGE)
@require_safe
def reasons(request: HttpRequest) -> HttpResponse:
    """All reasons, by what they are given for."""
    return render(request, "console/reasons.html", {"reasons": Reason.objects.order_by("kind", "-is_active", "code")})


@requires(Permission.REASON_MANAGE, step_up=True)
@require_http_methods(["GET", "HEAD", "POST"])
def reason(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a reason, or change its words."""
    row = get_object_or_404(Reason, code=code) if code else None
    return post_form(
        request, ReasonForm, success_url=reverse("console:reasons"), success=gettext_lazy("The reason is saved."),
        service=lambda cleaned: reason_save(actor=request.actor, reason=row, values=cleaned),  # type: ignore[attr-defined]
        initial=initial_of(ReasonForm, row) if row else {}, options={"row": row},
        context={"title": row.name if row else _("New reason"), **back("console:reasons", gettext_lazy("Reasons"))},
    )  # fmt: skip


@requires(Permission.REASON_MANAGE, step_up=True)
@require_POST
def reason_use(request: HttpRequest, code: str) -> HttpResponse:
    """Retire a reason, or take it into use again."""
    row = get_object_or_404(Reason, code=code)
    reason_retire(actor=request.actor, reason=row, in_use="in_use" in request.POST)  # type: ignore[attr-defined]
    messages.success(request, _("The reason is saved."))
    return redirect("console:reasons")
