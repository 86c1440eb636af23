"""Exceptions of scope on one case: shared with a colleague outside for a time, or kept from somebody in a conflict of interest."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import Permission as Codename
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from apps.access.actors import actor_of
from apps.access.roles import permissions_by
from apps.access.selectors import are_engaged, object_grants_live
from apps.access.services import authorize
from apps.accounts.models import Account, AccountKind
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.workflow.dutybook import has_interest, is_blocked
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.scope import MOST_SHARED
from apps.workflow.selectors.sharing import live_blocks, live_shares
from apps.workflow.services.cases import case_lock

LONGEST = 90
"""Days that a case may be shared for; whoever needs it longer asks again."""
LONGEST_BLOCK = 730
"""Days that somebody may be kept off a case for; a conflict that lasts is looked at again."""


@act
def case_share(
    *, actor: Actor, case: LoanCase, handle: str, until: dt.date, reason: str
) -> LoanCaseUserObjectPermission:
    """Let a colleague of another branch see a case until the end of a day. Raises ``BadInput`` by field."""
    locked = _locked(actor, case)
    account, why = _colleague(handle), _reason(reason)
    _refuse_day(until, LONGEST)
    _refuse_share(locked, account)
    row = LoanCaseUserObjectPermission.objects.create(
        user=account, permission=_viewing(), content_object=locked, ends_at=_end_of(until), reason=why
    )
    record(
        Tag.OBJECT_GRANTED, actor=actor, subject=locked, case=locked, note={"account": account.pk, "until": str(until)}
    )
    return row


@act
def case_share_end(*, actor: Actor, case: LoanCase, share: int) -> None:
    """End a share now; ending it twice changes nothing."""
    locked = _locked(actor, case)
    row = live_shares(locked).select_for_update(of=("self",)).filter(pk=share).first()
    if row is None:
        return
    _share_over(actor, locked, row)


@act
def share_withdraw(*, actor: Actor, row: LoanCaseUserObjectPermission) -> None:
    """End a share now, for the review of rights, which has asked who may; ending it twice changes nothing."""
    locked = case_lock(row.content_object, actor=actor, version=None)
    live = live_shares(locked).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if live is not None:
        _share_over(actor, locked, live)


@act
def case_block(*, actor: Actor, case: LoanCase, handle: str, reason: str, until: dt.date | None = None) -> CaseBlock:
    """Keep a person off a case, whatever they hold, until the end of a day (the longest time, unless told) or until it is lifted.

    Raises ``BadInput`` by field.
    """
    locked = _locked(actor, case)
    account, why = _colleague(handle), _reason(reason)
    last = until or clock.today() + dt.timedelta(days=LONGEST_BLOCK)
    _refuse_day(last, LONGEST_BLOCK)
    if account.person_id == actor.person_id:
        raise BadInput(
            {"handle": [_("Declare your own ties on the borrower's page: they keep you off all its cases.")]}
        )
    if locked.holder_id == account.person_id:
        raise BadInput({"handle": [_("This person holds the case. Reassign it first.")]})
    if is_blocked(locked.pk, account.person_id):
        raise BadInput({"handle": [_("This person is kept off the case already.")]})
    row = CaseBlock.objects.create(case=locked, person_id=account.person_id, reason=why, ends_at=_end_of(last))
    note = {"person": account.person_id, "until": str(last)}
    record(Tag.CONFLICT_BLOCKED, actor=actor, subject=locked, case=locked, note=note)
    return row


@act
def case_unblock(*, actor: Actor, case: LoanCase, block: int) -> None:
    """Lift a block; lifting it twice changes nothing."""
    locked = _locked(actor, case)
    row = live_blocks(locked).select_for_update().filter(pk=block).first()
    if row is None:
        return
    row.ends_at = clock.now()
    row.save(update_fields=["ends_at"])
    record(Tag.CONFLICT_LIFTED, actor=actor, subject=locked, case=locked, note={"person": row.person_id})


def _share_over(actor: Actor, case: LoanCase, row: LoanCaseUserObjectPermission) -> None:
    row.ends_at = clock.now()
    row.save(update_fields=["ends_at"])
    record(Tag.OBJECT_GRANT_ENDED, actor=actor, subject=case, case=case, note={"account": row.user_id})


def _locked(actor: Actor, case: LoanCase) -> LoanCase:
    authorize(actor, Permission.OBJECT_GRANT, case)
    return case_lock(case, actor=actor, version=None)


def _colleague(handle: str) -> Account:
    found = Account.objects.select_related("person").filter(
        handle=handle.strip().lower(), kind=AccountKind.STAFF, is_active=True
    ).exclude(enrolled_at=None).first()  # fmt: skip
    if found is None:
        raise BadInput({"handle": [_("There is no such colleague with an account in use.")]})
    return found


def _reason(words: str) -> str:
    reason = words.strip()
    if not 3 <= len(reason) <= 200:
        raise BadInput({"reason": [_("Say why, in 3 to 200 characters.")]})
    return reason


def _refuse_day(last: dt.date, longest: int) -> None:
    today = clock.today()
    if not today <= last <= today + dt.timedelta(days=longest):
        raise BadInput({"until": [_("Choose a day from today on, at most %(days)s days away.") % {"days": longest}]})


def _refuse_share(case: LoanCase, account: Account) -> None:
    """Refuse what would give nothing, or give it to somebody who must not have it."""
    seer = actor_of(account)
    if is_blocked(case.pk, account.person_id) or has_interest(case, account.person_id):
        raise BadInput({"handle": [_("A conflict of interest keeps this person off the case.")]})
    viewing = [held for held in seer.held if Permission.CASE_VIEW in permissions_by(held)]
    if not viewing:
        raise BadInput({"handle": [_("No role of this person works on cases: sharing would show them nothing.")]})
    if are_engaged(viewing):
        raise BadInput(
            {"handle": [_("This person reads within audit engagements alone: one of them has to name the case.")]}
        )
    if any(held.covers(case.branch_id) for held in viewing):
        raise BadInput({"handle": [_("This person sees the case already, by a role at its branch.")]})
    if live_shares(case).filter(user=account).exists():
        raise BadInput({"handle": [_("The case is shared with this person already.")]})
    if object_grants_live(LoanCase, account_id=account.pk, permissions=[Permission.CASE_VIEW]).count() >= MOST_SHARED:
        words = _(
            "%(most)s cases are shared with this person already: their lists show no more. A role is due instead."
        )
        raise BadInput({"handle": [words % {"most": MOST_SHARED}]})


def _viewing() -> Codename:
    kind = ContentType.objects.get_for_model(LoanCase)
    found, _made = Codename.objects.get_or_create(
        content_type=kind, codename=Permission.CASE_VIEW.value, defaults={"name": Permission.CASE_VIEW.value}
    )
    return found


def _end_of(day: dt.date) -> dt.datetime:
    """The institution's midnight after a day, in UTC."""
    return clock.midnight(day + dt.timedelta(days=1))
