"""Exceptions of scope on single cases: shares through guardian's direct foreign-key tables, and blocks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.core.models import Row


class LoanCaseUserObjectPermission(UserObjectPermissionBase):
    """A case shared with one account until ``ends_at``; read only through the live-rows selector of access."""

    content_object = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT)
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("shared case")


class LoanCaseGroupObjectPermission(GroupObjectPermissionBase):
    """Grants to groups are not used; guardian wants the table beside the other."""

    content_object = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT)


class CaseBlock(Row):
    """A conflict of interest: the person sees nothing of the case, whatever else they hold."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="blocks")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("block")
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(ends_at=None), name="one_lasting_block")
        ]
