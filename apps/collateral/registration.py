"""What collateral gives to workflow: its panel on the case page, and the pages of its events."""

from __future__ import annotations

from apps.collateral import panels
from apps.collateral.policies import register_policies
from apps.core.permissions import Permission
from apps.workflow.process import Event
from apps.workflow.registry import Panel, link, show


def register_all() -> None:
    """Fill the registries; called once when the app is ready."""
    register_policies()
    link(Event.CONFIRM, "collateral:confirm", primary=True)
    link(Event.CONFIRM_BELOW, "collateral:confirm")
    show(Panel("collateral", "collateral/panel.html", panels.collateral, Permission.COLLATERAL_VIEW, order=40))
