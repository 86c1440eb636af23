"""Collects what is saved: django-auditlog works out the field differences, the open act keeps them, no row is stored.

auditlog's swapped log-entry model (``AUDITLOG_LOGENTRY_MODEL``) has no table; its manager hands each difference on. New
rows differ from nothing: their values come from the after-image, read once for both.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from auditlog.models import AbstractLogEntry, LogEntryManager
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.db.models import ManyToManyField, Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from apps.audit import acts
from apps.audit.acts import Step
from apps.audit.governed import clear_fields, governed_models, governed_throughs
from apps.audit.touched import Op, Touched

OPS = {
    AbstractLogEntry.Action.UPDATE: Op.UPDATE,
    AbstractLogEntry.Action.DELETE: Op.DELETE,
}


class DifferenceManager(LogEntryManager):  # type: ignore[misc]
    """Gives auditlog's differences to the open act."""

    def log_create(self, instance: Model, force_log: bool = False, **kwargs: Any) -> None:
        """Keep a difference for the act's next event."""
        collect(instance, OPS[kwargs["action"]], kwargs["changes"])


def collect(row: Model, op: Op, changes: Mapping[str, Any] | None = None) -> None:
    """Add a written row to the open act. Outside one nothing is kept: the tripwire then refuses the commit."""
    opened = acts.current()
    if opened is not None:
        opened.add(Step(opened, wrote=Touched.of(row, op, changes)))


def _is_wanted(action: int, **_more: Any) -> bool:
    """Tell auditlog which differences to work out; ``False`` spares it the rest."""
    return action in OPS


def _saved(sender: type[Model], instance: Model, created: bool, raw: bool = False, **_more: Any) -> None:
    collect(instance, Op.CREATE if created else Op.UPDATE)


def _deleted(sender: type[Model], instance: Model, **_more: Any) -> None:
    collect(instance, Op.DELETE)


def _linked(
    field: ManyToManyField[Model, Model], *, action: str, instance: Model, reverse: bool, pk_set: Any, **_more: Any
) -> None:
    """A many-to-many change is an update of the objects that have the field."""
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}.get(action)
    if verb is None:
        return
    if not reverse:
        collect(instance, Op.UPDATE, {field.name: (None, {verb: sorted(map(str, pk_set or ()))})})
        return
    owners = field.model._base_manager.filter(**({field.name: instance.pk} if pk_set is None else {"pk__in": pk_set}))
    for owner in owners:
        collect(owner, Op.UPDATE, {field.name: (None, {verb: [str(instance.pk)]})})


def connect() -> None:
    """Watch every governed model."""
    pre_log.connect(_is_wanted, dispatch_uid="audit wants")
    for model in governed_models():
        auditlog.register(model, include_fields=list(clear_fields(model)))
        post_save.connect(_saved, sender=model, dispatch_uid=f"audit saved {model._meta.label}")
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"audit deleted {model._meta.label}")
    for through, field in governed_throughs():
        receiver = functools.partial(_linked, field)
        m2m_changed.connect(receiver, sender=through, weak=False, dispatch_uid=f"audit linked {through._meta.label}")
