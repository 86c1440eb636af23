"""Django configuration of the collateral app."""

from django.apps import AppConfig


class CollateralConfig(AppConfig):
    """Registers guards, policies, panels and links."""

    name = "apps.collateral"
    label = "collateral"

    def ready(self) -> None:
        """Connect collateral to workflow."""
        from apps.collateral import guards  # noqa: F401
        from apps.collateral.registration import register_all

        register_all()
