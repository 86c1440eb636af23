"""Where the work is done: the one institution and its tree of branches."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row

BRANCH_CODE = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]{0,11}\Z",
    _("Use 1 to 12 capital letters, digits or hyphens, beginning with a letter or digit."),
)


class Institution(Row):
    """The bank or lending company of this installation: exactly one row.

    Whoever holds one of ``passkey_roles`` steps up with a passkey; a one-time code does not do. One person alone takes none of
    them away: what they asked for stands in ``passkey_leaving`` until another agrees.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    name = models.CharField(max_length=200)
    pack = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=16)
    self_registration = models.BooleanField(_("borrowers may register by themselves"), default=False)
    passkey_roles = models.JSONField(_("roles that need a passkey"), default=list, blank=True)
    passkey_leaving = models.JSONField(_("roles that are to need a passkey no more"), default=list, blank=True)
    passkey_leaving_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    passkey_leaving_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        catalogue="name",
        codes="pack currency time_zone language passkey_roles passkey_leaving",
        facts="only self_registration passkey_leaving_at",
    )

    class Meta:
        verbose_name = _("institution")
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="accounts_one_institution")]


class Branch(Row):
    """A branch; ``path`` holds the codes from the root down (``HQ/JN/JN01/``), so a subtree is a prefix."""

    code = models.CharField(max_length=12, unique=True, validators=[BRANCH_CODE])
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=255, unique=True, editable=False)

    data_classes = declared(catalogue="name", codes="code path")

    class Meta:
        verbose_name = _("branch")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def path_below(self, parent: Branch | None) -> str:
        """Path that this branch has under ``parent``."""
        return f"{parent.path if parent else ''}{self.code}/"

    @property
    def depth(self) -> int:
        """Number of branches above."""
        return self.path.count("/") - 1
