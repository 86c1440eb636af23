"""Django configuration of the core app."""

from django.apps import AppConfig
from django.core import checks


class CoreConfig(AppConfig):
    """Registers the core app."""

    name = "apps.core"
    label = "core"

    def ready(self) -> None:
        """Register the check of databases."""
        from apps.core.migrating import check_whole

        checks.register(check_whole, checks.Tags.database)
