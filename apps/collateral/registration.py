"""What collateral gives to workflow: its panel on the case page, and the pages of its events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.applications.kinds import add_kinds
from apps.collateral import panels
from apps.collateral.forms.values import REPORT
from apps.collateral.models import Asset, Confirmation, Insurance, Lien, LienCheck, Valuation
from apps.collateral.policies import register_policies
from apps.core.gathered import hang
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import Panel, link, show

OF_AN_ASSET = (Insurance, Lien, LienCheck, Valuation)


def register_all() -> None:
    """Fill the registries; called once when the app is ready."""
    register_policies()
    hang(LoanCase, {**dict.fromkeys((Asset, Confirmation), "case"), **dict.fromkeys(OF_AN_ASSET, "asset__case")})
    add_kinds({REPORT: _("Valuation report")})
    link(Event.CONFIRM, "collateral:confirm", primary=True)
    link(Event.CONFIRM_BELOW, "collateral:confirm")
    show(Panel("collateral", "collateral/panel.html", panels.collateral, Permission.COLLATERAL_VIEW, order=40))
