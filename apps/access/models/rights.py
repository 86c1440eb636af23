"""Who leads whom, and the rights that people ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.access.models.grants import RoleGrant
from apps.access.roles import POWERFUL, Role
from apps.accounts.models import Branch, Person
from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class ReportingLine(Row):
    """The line manager of a person. Administrators set it; who agrees to what the person asks for follows from it."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="reports_to")
    manager = models.ForeignKey(Person, models.PROTECT, related_name="reports")

    class Meta:
        verbose_name = _("line of reporting")
        verbose_name_plural = _("lines of reporting")
        constraints = [
            models.CheckConstraint(condition=~Q(manager=F("person")), name="access_nobody_leads_themselves"),
        ]


class RequestState(models.TextChoices):
    """How far a request for a right has come."""

    ASKED = "asked", _("waits for the line manager")
    AGREED = "agreed", _("waits for an administrator")
    GIVEN = "given", _("right given")
    WITHDRAWN = "withdrawn", _("request taken back")
    DECLINED = "declined", _("request declined")
    LAPSED = "lapsed", _("request too old")


class RightRequest(Row):
    """A role that somebody asks for, for themselves or for one of their people, with a reason and an end.

    The line manager agrees, then an administrator gives it through the same door as any role (``grant``); a powerful one
    waits there for three more. ``answer`` says why it was declined. Rows end, they are never deleted.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="right_requests")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    role = models.CharField(max_length=32, choices=Role)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateTimeField()
    reason = EncryptedTextField(owner="person.key_owner", max_length=300, mask="words")
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    answer = EncryptedTextField(owner="person.key_owner", max_length=300, blank=True, default="", mask="words")
    grant = models.OneToOneField(RoleGrant, models.PROTECT, null=True, blank=True, related_name="request")

    data_classes = declared(facts="role until agreed_at ended_at")

    class Meta:
        verbose_name = _("request for a right")
        verbose_name_plural = _("requests for rights")
        indexes = [
            models.Index(fields=["person"], name="access_request_open", condition=Q(grant=None, ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("person")) & ~Q(agreed_by=F("asked_by")),
                name="access_request_agreed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(grant=None) | Q(agreed_at__isnull=False, ended_at=None),
                name="access_request_given_once_agreed",
            ),
        ]

    @property
    def state(self) -> RequestState:
        """How far it has come."""
        if self.grant_id is not None:
            return RequestState.GIVEN
        if self.ended_at is not None:
            own = self.ended_by_id in {self.person_id, self.asked_by_id}
            return RequestState.WITHDRAWN if own else RequestState.DECLINED
        if self.until <= clock.now():
            return RequestState.LAPSED
        return RequestState.ASKED if self.agreed_at is None else RequestState.AGREED

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has still to answer."""
        return self.state in {RequestState.ASKED, RequestState.AGREED}

    @property
    def last_day(self) -> dt.date:
        """Last day on which it would count, at the institution."""
        return clock.day_of(self.until - dt.timedelta(microseconds=1))

    @property
    def is_powerful(self) -> bool:
        """Tell whether others agree besides, once an administrator has asked."""
        return self.role in POWERFUL

    @property
    def role_label(self) -> Any:
        """Words of the role."""
        return Role(self.role).label

    @property
    def where_words(self) -> str:
        """Words for where it would reach."""
        return self.branch.name if self.branch else gettext("all branches")
