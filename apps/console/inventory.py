"""The inventory of data: which fields there are, of which class, how they are kept, and for how long."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.audit.governed import clear_fields
from apps.borrowers.keeping import MONTHS, months_of
from apps.core.classes import WHY, DataClass
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.vault.classified import Classified, inventory
from apps.vault.fields import EncryptedField


@requires(Permission.PRIVACY_VIEW)
@require_safe
def data_inventory(request: Any) -> HttpResponse:
    """Every app with how many fields of each class it has, and the fields of one of them."""
    fields = list(inventory())
    counted = Counter((each.model._meta.app_label, each.data_class) for each in fields)
    labels = list(dict.fromkeys(each.model._meta.app_label for each in fields))
    chosen = request.GET.get("app", "") or labels[0]
    if chosen not in labels:
        raise NotVisible(action=Permission.PRIVACY_VIEW)
    months = {each: months_of(each) if each in MONTHS else None for each in DataClass}
    shown = {
        "apps": [(apps.get_app_config(label), [counted[label, each] for each in DataClass]) for label in labels],
        "classes": list(DataClass), "chosen": chosen, "total": len(fields),
        "lines": [_line(each, months) for each in fields if each.model._meta.app_label == chosen],
    }  # fmt: skip
    return render(request, "console/inventory.html", shown)


def _line(each: Classified, months: dict[DataClass, int | None]) -> dict[str, Any]:
    return {
        "model": each.model._meta.verbose_name, "field": each.label.partition(".")[2], "data_class": each.data_class,
        "kept": _kept(each), "mask": each.field.mask if isinstance(each.field, EncryptedField) else "",
        "in_log": each.field.name in clear_fields(each.model), "may_leave": each.may_leave, "months": months[each.data_class],
    }  # fmt: skip


def _kept(each: Classified) -> Any:
    if each.is_index:
        return _("keyed digest, cleared when its owner is forgotten")
    if each.is_sealed:
        return _("encrypted under its owner's key")
    return WHY[each.kind] if each.kind else _("link, key or time of a row")
