"""Puts the triggers in place, and says which are not."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, connection, transaction

from apps.audit.locks import postgresql, sqlite
from apps.audit.locks.guarded import KEPT_TABLES, LOG_TABLES


def _engine() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def install_locks() -> None:
    """Make the database's triggers what they should be; does nothing where they are."""
    with transaction.atomic():
        _engine().install()


def wrong_locks() -> list[str]:
    """Name the triggers that are missing, altered or silenced; empty when all is well."""
    found: list[str] = _engine().wrong()
    return found


def log_exists() -> bool:
    """Tell whether the log's own tables are there; they are not while the very first migration runs."""
    return {*LOG_TABLES, *KEPT_TABLES} <= set(connection.introspection.table_names())


def after_migrate(sender: AppConfig, using: str, **_more: Any) -> None:
    """Install the locks once, after the last app that has models."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if using == DEFAULT_DB_ALIAS and sender.label == last.label and log_exists():
        install_locks()
