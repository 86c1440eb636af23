"""What an institution lends and the reasons it gives: added, changed and retired by administrators, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.workflow.models import Product, Reason

Named = TypeVar("Named", Product, Reason)
FIXED = frozenset({"code", "currency", "kind"})
"""What rows already refer to: set when a row is added, never changed."""


@act
def product_save(*, actor: Actor, product: Product | None, values: Mapping[str, Any]) -> Product:
    """Add a product (``None``) or change one; running cases keep the terms they were asked under."""
    authorize(actor, Permission.PRODUCT_MANAGE)
    saved = _save(Product, product, values)
    record(Tag.PRODUCT_CHANGED, actor=actor, subject=saved, note={"code": saved.code})
    return saved


@act
def reason_save(*, actor: Actor, reason: Reason | None, values: Mapping[str, Any]) -> Reason:
    """Add a reason (``None``) or change its words."""
    authorize(actor, Permission.REASON_MANAGE)
    saved = _save(Reason, reason, values)
    record(Tag.REASON_CHANGED, actor=actor, subject=saved, note={"code": saved.code})
    return saved


@act
def product_retire(*, actor: Actor, product: Product, in_use: bool) -> Product:
    """Take a product off the list of new applications, or put it back."""
    authorize(actor, Permission.PRODUCT_MANAGE)
    locked = Product.objects.select_for_update().get(pk=product.pk)
    locked.is_active = in_use
    locked.save(update_fields=["is_active"])
    record(Tag.PRODUCT_CHANGED, actor=actor, subject=locked, note={"code": locked.code})
    return locked


@act
def reason_retire(*, actor: Actor, reason: Reason, in_use: bool) -> Reason:
    """Take a reason off the lists, or put it back; what was written with it stays."""
    authorize(actor, Permission.REASON_MANAGE)
    locked = Reason.objects.select_for_update().get(pk=reason.pk)
    locked.is_active = in_use
    locked.save(update_fields=["is_active"])
    record(Tag.REASON_CHANGED, actor=actor, subject=locked, note={"code": locked.code})
    return locked


def _save(model: type[Named], row: Named | None, values: Mapping[str, Any]) -> Named:
    target = model() if row is None else model.objects.select_for_update().get(pk=row.pk)
    for name, value in values.items():
        if row is None or name not in FIXED:
            setattr(target, name, value)
    if row is None and model.objects.filter(code=target.code).exists():
        raise BadInput({"code": [_("This code is taken. Choose another.")]})
    _complain(target)
    target.save()
    return target


def _complain(row: Product | Reason) -> None:
    """Turn the model's own checks into words beside the fields."""
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise BadInput(error.message_dict) from error
    if isinstance(row, Product):
        _ordered(row)


def _ordered(product: Product) -> None:
    pairs = {"max_amount": product.min_amount, "max_term": product.min_term, "max_rate": product.min_rate}
    wrong = {
        name: [_("This is below the smallest value.")]
        for name, least in pairs.items()
        if getattr(product, name) < least
    }
    if wrong:
        raise BadInput(wrong)
