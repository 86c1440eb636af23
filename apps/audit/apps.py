"""Django configuration of the audit app."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Watches the governed models, keeps the locks in place, fills the vault's port and the core's watch."""

    name = "apps.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect; models must be loaded before the modules that do it."""
        from apps.audit import differences
        from apps.audit.checks import check_locks, check_role
        from apps.audit.locks.install import after_migrate
        from apps.audit.vault_port import VaultRecorder
        from apps.audit.watching import ActWatcher
        from apps.core.watching import watch
        from apps.vault.ports import port

        differences.connect()
        port.fill(VaultRecorder())
        watch.fill(ActWatcher())
        checks.register(check_locks, checks.Tags.database)
        checks.register(check_role, checks.Tags.security, deploy=True)
        post_migrate.connect(after_migrate, dispatch_uid="audit locks")
