"""Passkeys, the challenges that were answered, and what was signed with a passkey over a decision."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager

from apps.accounts.models.people import Account
from apps.core.classes import declared
from apps.core.models import Row
from apps.core.watching import WatchedQuerySet


class Passkey(Row, Device):  # type: ignore[django-manager-missing]
    """A passkey of a member of staff; ``name`` is how its owner tells it from others.

    ``credential`` names it to browsers (base64url). ``cose`` is its public key as it came; ``key`` the same as
    SubjectPublicKeyInfo (base64), which any program reads. ``sign_count`` is its own counter: one that does not rise was copied.
    """

    user = models.ForeignKey(Account, models.PROTECT, related_name="passkeys")
    credential = models.CharField(max_length=1400)
    credential_digest = models.CharField(max_length=64, unique=True)
    cose = models.CharField(max_length=2000)
    key = models.CharField(max_length=2000)
    algorithm = models.SmallIntegerField()
    sign_count = models.BigIntegerField(default=0)
    aaguid = models.CharField(max_length=36, blank=True)
    transports = models.JSONField(default=list)
    is_backed_up = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        accounts="name",
        codes="credential credential_digest cose key aaguid transports",
        facts="algorithm sign_count is_backed_up last_used_at retired_at confirmed",
    )
    objects = DeviceManager.from_queryset(WatchedQuerySet)()  # type: ignore[misc, django-manager-missing]

    class Meta:
        verbose_name = _("passkey")
        ordering = ["id"]


class SpentChallenge(Row):
    """A challenge of signing in, step-up or enrolment that was answered once; it never counts again."""

    nonce = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    data_classes = declared(codes="nonce")

    class Meta:
        verbose_name = _("answered challenge")


class PasskeyAssertion(Row):
    """What a passkey has signed over one decision, whole, so that anybody checks it years later.

    ``challenge`` is the decision's fingerprint; ``key`` the public key then; the rest is base64url as the browser sent it.
    """

    passkey = models.ForeignKey(Passkey, models.PROTECT, related_name="assertions")
    challenge = models.CharField(max_length=64, unique=True)
    credential = models.CharField(max_length=1400)
    key = models.CharField(max_length=2000)
    algorithm = models.SmallIntegerField()
    client_data = models.TextField()
    authenticator_data = models.TextField()
    signature = models.TextField()

    data_classes = declared(
        codes="challenge credential key client_data authenticator_data signature", facts="algorithm"
    )

    class Meta:
        verbose_name = _("passkey assertion")
