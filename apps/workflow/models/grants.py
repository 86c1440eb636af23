"""Exceptions of scope on single cases: shares through guardian's direct foreign-key tables, and blocks."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.managers import GroupObjectPermissionManager, UserObjectPermissionManager
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.core.classes import declared
from apps.core.models import Row
from apps.core.watching import WatchedQuerySet
from apps.vault.fields import EncryptedTextField


class LoanCaseUserObjectPermission(UserObjectPermissionBase):
    """A case shared with one account until ``ends_at``; read only through the live-rows selector of access."""

    content_object = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT)
    ends_at = models.DateTimeField(null=True, blank=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reason = EncryptedTextField(
        owner="content_object.borrower.key_owner", max_length=200, blank=True, default="", mask="words"
    )

    data_classes = declared(facts="ends_at")
    objects = UserObjectPermissionManager.from_queryset(WatchedQuerySet)()  # type: ignore[misc]

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("shared case")


class LoanCaseGroupObjectPermission(GroupObjectPermissionBase):
    """Grants to groups are not used; guardian wants the table beside the other."""

    content_object = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT)

    objects = GroupObjectPermissionManager.from_queryset(WatchedQuerySet)()  # type: ignore[misc]


class CaseBlock(Row):
    """A conflict of interest: the person sees nothing of the case, whatever else they hold."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="blocks")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField(owner="case.borrower.key_owner", max_length=200, mask="words")
    ends_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="ends_at")

    class Meta:
        verbose_name = _("block")
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(ends_at=None), name="one_lasting_block")
        ]
