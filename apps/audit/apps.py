"""Django configuration of the audit app."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Watches the governed models, keeps the locks in place and fills the vault's port."""

    name = "apps.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect; models must be loaded before the modules that do it."""
        from apps.audit import differences
        from apps.audit.checks import check_locks
        from apps.audit.locks.install import after_migrate
        from apps.audit.vault_port import VaultRecorder
        from apps.vault.ports import port

        differences.connect()
        port.fill(VaultRecorder())
        checks.register(check_locks, checks.Tags.database)
        post_migrate.connect(after_migrate, dispatch_uid="audit locks")
