"""Django configuration of the audit app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Watches the governed models, keeps the locks in place and fills the vault's ports."""

    name = "apps.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect."""
        from apps.audit import differences  # noqa: PLC0415 - models are not loaded before this point
        from apps.audit.locks.install import after_migrate  # noqa: PLC0415

        differences.connect()
        post_migrate.connect(after_migrate, dispatch_uid="audit locks")
