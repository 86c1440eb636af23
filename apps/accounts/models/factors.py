"""Second factors: one-time code devices (secret encrypted), recovery codes and e-mail codes (hashed)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager

from apps.accounts.models.people import Account
from apps.core.classes import DataClass, declared
from apps.core.models import Row
from apps.core.watching import WatchedQuerySet
from apps.vault.fields import EncryptedTextField


class TotpDevice(Row, Device):  # type: ignore[django-manager-missing]
    """An authenticator app. ``last_step`` is the newest time step ever accepted: no code counts twice."""

    user = models.ForeignKey(Account, models.PROTECT, related_name="totp_devices")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    secret = EncryptedTextField(_("secret"), owner="key_owner", max_length=64, mask="full", data_class=DataClass.SECRET)
    last_step = models.BigIntegerField(default=-1)
    confirmed = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(accounts="name", facts="last_step confirmed confirmed_at retired_at")
    objects = DeviceManager.from_queryset(WatchedQuerySet)()  # type: ignore[misc, django-manager-missing]

    class Meta:
        verbose_name = _("authenticator")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed=True, retired_at__isnull=True),
                name="accounts_one_live_authenticator",
            ),
        ]


class RecoveryCode(Row):
    """One of ten single-use codes for the day the phone is lost; only its digest is kept."""

    evidence_hides = ("digest",)
    account = models.ForeignKey(Account, models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="used_at replaced_at", hashed="digest")

    class Meta:
        verbose_name = _("recovery code")
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="accounts_recovery_code_once")]


class EmailCode(Row):
    """A six-digit code sent to a borrower; dies after ten minutes, five attempts or one use."""

    evidence_hides = ("digest",)
    account = models.ForeignKey(Account, models.PROTECT, related_name="email_codes")
    digest = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="attempts expires_at used_at", hashed="digest")

    class Meta:
        verbose_name = _("e-mail code")
        indexes = [models.Index(fields=["account", "-created_at"], name="accounts_email_code_newest")]
