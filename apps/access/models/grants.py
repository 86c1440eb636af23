"""Who holds which role, where and until when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.access.roles import BOUND, Role
from apps.accounts.models import Account, Branch, Person
from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class RoleGrant(Row):
    """A role of a person over one branch and all below it, or over the whole institution (``branch`` empty).

    Rows end, they are never deleted. ``granted_by`` is empty where a command granted it (see its event). A grant that
    ``needs_second`` counts once all have agreed (``RoleConsent``), from ``approved_at`` on; one that ended without was
    rejected. ``approved_by`` is the second administrator. One ``by_engagement`` reaches what audit engagements of its
    person name, and counts while one is in force. ``until`` is the end that it was given for; where ``ends`` is another,
    somebody ended it. ``warned_at`` and ``lapsed_at`` say that the clock has told of the end to come, and of the end.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32, choices=Role)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, related_name="role_grants")
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField(owner="person.key_owner", max_length=300, mask="words")
    needs_second = models.BooleanField(default=False)
    by_engagement = models.BooleanField(default=False)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="role starts ends until warned_at lapsed_at needs_second by_engagement approved_at")

    class Meta:
        verbose_name = _("role grant")
        indexes = [
            models.Index(fields=["person", "ends"], name="access_grant_person"),
            models.Index(fields=["role", "branch", "ends"], name="access_grant_role"),
            models.Index(fields=["until"], name="access_grant_until", condition=models.Q(lapsed_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gte=models.F("starts")),
                name="access_grant_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("person"))
                & (models.Q(granted_by__isnull=True) | ~models.Q(approved_by=models.F("granted_by"))),
                name="access_grant_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(by_engagement=False) | models.Q(branch__isnull=True, role__in=sorted(BOUND)),
                name="access_grant_bound_by_engagement_alone",
            ),
        ]

    @property
    def is_waiting(self) -> bool:
        """Tell whether somebody has still to agree to it."""
        return self.needs_second and self.approved_at is None and (self.ends is None or self.ends > clock.now())

    @property
    def was_rejected(self) -> bool:
        """Tell whether it ended without ever being approved."""
        return self.needs_second and self.approved_at is None and not self.is_waiting

    @property
    def role_label(self) -> str:
        """Words of the role."""
        return str(Role(self.role).label)

    @property
    def where_words(self) -> str:
        """Words for where it reaches: a branch, everywhere, or what an engagement names."""
        if self.by_engagement:
            return gettext("within engagements")
        return self.branch.name if self.branch else gettext("all branches")


class RoleConsent(Row):
    """One person's agreement to a powerful role, given by one of the permissions that its rule asks for."""

    grant = models.ForeignKey(RoleGrant, models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    permission = models.CharField(max_length=40)

    data_classes = declared(codes="permission")

    class Meta:
        verbose_name = _("agreement to a role")
        verbose_name_plural = _("agreements to a role")
        constraints = [
            models.UniqueConstraint(fields=["grant", "permission"], name="access_consent_once_each"),
            models.UniqueConstraint(fields=["grant", "person"], name="access_consent_apart"),
        ]


class Delegation(Row):
    """One role of a person, over a branch and all below it or wherever they hold it, in a deputy's hands for a time.

    ``most`` bounds what may be approved with it, in the institution's currency. Where it ``needs_second`` it counts from
    ``agreed_at`` on. Rows end, they are never deleted; one that ended without being agreed to was rejected.
    """

    principal = models.ForeignKey(Person, models.PROTECT, related_name="delegations_made")
    deputy = models.ForeignKey(Person, models.PROTECT, related_name="delegations_held")
    role = models.CharField(max_length=32, choices=Role)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, related_name="+")
    most = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    reason = EncryptedTextField(owner="principal.key_owner", max_length=300, mask="words")
    needs_second = models.BooleanField(default=False)
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    data_classes = declared(facts="role most starts ends needs_second agreed_at")

    class Meta:
        verbose_name = _("delegation")
        indexes = [
            models.Index(fields=["deputy", "ends"], name="access_delegation_deputy"),
            models.Index(fields=["principal", "ends"], name="access_delegation_principal"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="access_delegation_ends_later"
            ),
            models.CheckConstraint(
                condition=~models.Q(deputy=models.F("principal")), name="access_delegation_to_another"
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_by__isnull=True)
                | ~models.Q(agreed_by=models.F("principal")) & ~models.Q(agreed_by=models.F("deputy")),
                name="access_delegation_agreed_by_another",
            ),
        ]

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self.ends <= clock.now()

    @property
    def is_to_come(self) -> bool:
        """Tell whether it begins later."""
        return self.starts > clock.now()

    @property
    def is_waiting(self) -> bool:
        """Tell whether a lead has still to agree."""
        return self.needs_second and self.agreed_at is None and not self.is_over

    @property
    def role_label(self) -> str:
        """Words of the role."""
        return str(Role(self.role).label)


class FactorReset(Row):
    """A lost factor: reported by its person, asked for by an administrator (``started_by``), agreed to by another, or stopped.

    Until ``expires_at`` it waits; ``agreed_at`` is when the factors were taken away. Rows are never deleted. Nobody who
    stands behind one is whom it is for.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    reason = EncryptedTextField(owner="person.key_owner", max_length=300, blank=True, mask="words")
    started_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="expires_at started_at agreed_at stopped_at")

    class Meta:
        verbose_name = _("reset of lost factors")
        verbose_name_plural = _("resets of lost factors")
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(agreed_at__isnull=True, stopped_at__isnull=True),
                name="access_reset_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(started_by__isnull=True) | ~models.Q(started_by=models.F("person")),
                name="access_reset_asked_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_by__isnull=True)
                | ~models.Q(agreed_by=models.F("person"))
                & (models.Q(started_by__isnull=True) | ~models.Q(agreed_by=models.F("started_by"))),
                name="access_reset_agreed_by_another",
            ),
        ]
