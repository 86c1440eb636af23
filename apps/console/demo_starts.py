"""With whom to begin in the demo: a handful of its people, those with something to do first, and what that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.access.actors import actor_of
from apps.access.selectors import accounts_who_can
from apps.accounts.models import Account, AccountKind
from apps.core.permissions import Permission
from apps.workflow.selectors import cases_counted
from apps.workflow.selectors.free import free_for

MOST_ASKED = 6
"""People of one kind whose work is counted."""


def starts() -> list[tuple[str, Any]]:
    """Handles of demo people with what they can do at once: two who sign, an officer, an auditor, a borrower."""
    return [*_busiest(Permission.APPROVAL_SIGN, 2), *_busiest(Permission.APPLICATION_ACCEPT, 1), *_readers()]


def _busiest(permission: Permission, most: int) -> Iterator[tuple[str, Any]]:
    """Those for whom most waits to be taken, and how many cases that is."""
    people = list(accounts_who_can(permission, None).filter(demo=True)[:MOST_ASKED])
    counted = sorted(((_waiting(account), account.handle) for account in people), key=lambda pair: (-pair[0], pair[1]))
    for count, handle in counted[:most]:
        if count:
            yield handle, _words(permission, count)


def _waiting(account: Account) -> int:
    actor = actor_of(account)
    return cases_counted(actor, free_for(actor))


def _words(permission: Permission, count: int) -> str:
    if permission is Permission.APPROVAL_SIGN:
        return ngettext("%(count)s case to sign", "%(count)s cases to sign", count) % {"count": count}
    return ngettext("%(count)s application to take", "%(count)s applications to take", count) % {"count": count}


def _readers() -> Iterator[tuple[str, Any]]:
    auditor = accounts_who_can(Permission.AUDIT_EXPORT, None).filter(demo=True, handle__startswith="auditor").first()
    if auditor is not None:
        yield auditor.handle, _("the log, and evidence to take along")
    borrower = Account.objects.filter(demo=True, kind=AccountKind.BORROWER, is_active=True).first()
    if borrower is not None:
        yield borrower.handle, _("the portal: an answer, an offer, a loan")
