"""Triggers that keep the log append-only and trip over unrecorded writes; re-created after every migrate."""

from apps.audit.locks.install import install_locks, wrong_locks

__all__ = ["install_locks", "wrong_locks"]
