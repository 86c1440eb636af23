"""Abstract models: a row with a stable uuid (bound into ciphertexts and evidence) and its times."""

from __future__ import annotations

import uuid

from django.db import models

from apps.core import clock
from apps.core.watching import WatchedManager


class Row(models.Model):
    """Base of every governed row: integer primary key, stable ``uuid`` and creation time by the project's clock."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = WatchedManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Label for logs and pages, such as ``borrower 1182``; never a name of a person or business."""
        return f"{self._meta.verbose_name_raw} {self.pk}"
