"""Persons and the accounts they sign in with. Duties key on the person, sign-in on the account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.core.text import fold
from apps.core.watching import WatchedQuerySet
from apps.vault.fields import BlindIndexField, EncryptedTextField

HANDLE = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]{1,39}\Z", _("Use 2 to 40 small letters, digits, dots, hyphens or underscores.")
)


class AccountKind(models.TextChoices):
    """Which door an account opens: the back office or the portal."""

    STAFF = "staff", _("Staff")
    BORROWER = "borrower", _("Borrower")


class Language(models.TextChoices):
    """Languages of the pages."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")


class Person(Row):
    """A human being, whatever accounts and roles they hold; name, e-mail and phone under a key of their own."""

    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    name = EncryptedTextField(_("name"), owner="key_owner", max_length=120, mask="name")
    email = EncryptedTextField(_("e-mail"), owner="key_owner", max_length=254, mask="email")
    email_index = BlindIndexField(source="email", normaliser=fold, bits=64)
    phone = EncryptedTextField(_("phone"), owner="key_owner", max_length=40, blank=True, mask="tail4")
    language = models.CharField(max_length=16, choices=Language.choices, default=Language.ENGLISH)

    data_classes = declared(facts="language")

    class Meta:
        verbose_name = _("person")


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by handle. Accounts are made by services only, so there is no ``create_user``."""

    def get_queryset(self) -> models.QuerySet[Account]:
        """Return queries whose writes are told of."""
        return WatchedQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account with a handle."""
        return self.get(handle=(username or "").lower())

    def create_superuser(self, *_args: Any, **_kwargs: Any) -> Account:
        """Refuse: no account stands above the role table."""
        raise TypeError("LoanFlow has no superusers; use 'manage.py init' and invitations.")


class Account(Row, AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """What a person signs in with. ``handle`` is the name in logs and pages; it is never a personal name.

    Accounts with records are suspended or closed, never deleted. After lost factors were taken away, its person signs and
    releases nothing until ``signs_from``.
    """

    last_login = None  # sign-ins are events; Django would write this column outside any act
    handle = models.CharField(max_length=40, unique=True, validators=[HANDLE])
    kind = models.CharField(max_length=8, choices=AccountKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts")
    is_active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    password_at = models.DateTimeField(null=True, blank=True)
    signs_from = models.DateTimeField(null=True, blank=True)
    demo = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()  # type: ignore[misc, assignment]

    data_classes = declared(
        accounts="handle",
        facts="is_superuser kind is_active suspended_at enrolled_at password_at signs_from demo",
        hashed="password",
    )

    class Meta:
        verbose_name = _("account")
        ordering = ["handle"]
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="accounts_no_superuser"),
            models.CheckConstraint(
                condition=models.Q(suspended_at__isnull=True) | models.Q(is_active=False),
                name="accounts_suspended_is_inactive",
            ),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def codes_go_to_phone(self) -> bool:
        """Tell whether a borrower's one-time codes go to their phone: where the institution says so, and there is one."""
        chosen = settings.LOANFLOW_CODES_BY == "sms" and not self.is_staff_kind
        return chosen and bool(self.person.phone)

    @property
    def codes_go_to(self) -> str:
        """Where a borrower's one-time codes go, masked."""
        return self.person.phone.masked if self.codes_go_to_phone else self.person.email.masked

    @property
    def is_staff_kind(self) -> bool:
        """Tell whether the account opens the back office."""
        return self.kind == AccountKind.STAFF
