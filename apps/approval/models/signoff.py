"""What every signed decision holds, whatever was decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row


class SignOff(Row):
    """A person's signature under one decision. ``decision`` is the canonical text, ``fingerprint`` the challenge it makes.

    Class A: ``assertion`` holds what the person's passkey signed over the fingerprint. Class B: a factor was proved within
    five minutes, which says that the person was there, not which decision they meant.
    """

    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    decision = models.TextField(_("decision"))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, unique=True)
    factor = models.CharField(_("factor"), max_length=16)
    factor_class = models.CharField(_("class of the factor"), max_length=1, default="B")
    factor_at = models.DateTimeField(_("factor proved at"))
    signed_at = models.DateTimeField(_("signed"), default=clock.now)
    assertion = models.OneToOneField(
        "accounts.PasskeyAssertion", models.PROTECT, null=True, blank=True, related_name="+"
    )

    data_classes = declared(codes="fingerprint factor factor_class", figures="decision", facts="factor_at signed_at")

    BINDS: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(factor_class="A", factor="passkey", assertion__isnull=False)
                | Q(factor_class="B", assertion__isnull=True),
                name="%(class)s_class_has_its_proof",
            ),
        ]

    def bound(self) -> dict[str, object]:
        """What the decision has to say of the rows beside this one (``BINDS``): a signature stands for nothing else."""
        raise NotImplementedError
