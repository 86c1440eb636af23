"""How far an import has come, so that a run that broke off goes on where it was."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class ImportRun(Row):
    """One file taken in at one branch under one mapping; ``last_line`` is the last line settled, taken or rejected."""

    branch = models.ForeignKey("accounts.Branch", models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=40)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    last_line = models.PositiveIntegerField(default=1)
    taken = models.PositiveIntegerField(_("taken"), default=0)
    known = models.PositiveIntegerField(_("known already"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="source digest", facts="last_line taken known rejected finished_at")

    class Meta:
        verbose_name = _("import")
        constraints = [models.UniqueConstraint(fields=["branch", "source", "digest"], name="import_file_once")]
