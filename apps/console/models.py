"""Rows of the console: the filters that readers of the log keep for themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.core.models import Row


class SavedFilter(Row):
    """A question to the log under a name, for its owner alone; ``query`` is the explorer's own address after the ``?``."""

    owner = models.ForeignKey(Account, models.PROTECT, related_name="saved_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1200)

    class Meta:
        verbose_name = _("saved filter")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="console_saved_filter_name")]
