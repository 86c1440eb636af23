"""How far a change of all keys is: kept, so that one that is interrupted goes on where it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class RotationKind(models.TextChoices):
    """Which keys are renewed."""

    ROOT = "root", _("root key")
    DATA = "data", _("data keys")


class KeyRotation(Row):
    """One change of all keys. ``stage`` is the model whose rows are sealed anew (``""``: owners get new keys), ``cursor`` the
    last primary key that is done; ``done`` counts keys and rows."""

    kind = models.CharField(_("kind"), max_length=4, choices=RotationKind)
    root_key_id = models.CharField(_("root key"), max_length=64, blank=True)
    stage = models.CharField(_("stage"), max_length=80, blank=True)
    cursor = models.BigIntegerField(_("done up to"), default=0)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    data_classes = declared(codes="root_key_id stage", facts="kind cursor done finished_at")

    class Meta:
        verbose_name = _("change of keys")
        verbose_name_plural = _("changes of keys")
        constraints = (
            models.UniqueConstraint(
                fields=["kind"], condition=Q(finished_at=None), name="vault_one_rotation_of_a_kind"
            ),
        )
