"""Forgetting a borrower: one person asks, another approves, nothing may keep the borrower; then keys and names are gone.

What stays is counted and referenced: cases, amounts, the log. The people who used the portal for this business alone are
forgotten with it. Nothing brings any of it back.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.drafts import drafts_of_borrower_erase
from apps.accounts.models import Account
from apps.accounts.services.invitations import invitations_withdraw
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import registry
from apps.borrowers.keeping import what_keeps
from apps.borrowers.models import (
    Borrower,
    BorrowerAccess,
    ForgetCause,
    ForgetRequest,
    Outcome,
    RetentionRule,
)
from apps.borrowers.services.business import group_name_drop
from apps.core import clock
from apps.core.actor import Actor
from apps.core.classes import DataClass, names_of
from apps.core.errors import Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.vault.files import file_erase
from apps.vault.models import EncryptedFile, KeyOwner
from apps.vault.services import owner_forget


@act
def forget_ask(*, actor: Actor, borrower: Borrower, cause: str) -> ForgetRequest:
    """Ask that a borrower be forgotten; refused, with every reason, while anything keeps them."""
    authorize(actor, Permission.FORGET_ASK, borrower)
    locked = _lock(borrower)
    _refuse_kept(locked)
    if ForgetRequest.objects.filter(borrower=locked, decided_at=None).exists():
        raise Refused("asked", _("Somebody has asked for it already."), subject=locked, action=Tag.FORGETTING_ASKED)
    made = ForgetRequest.objects.create(borrower=locked, cause=ForgetCause(cause), asked_by_id=actor.person_id or 0)
    record(Tag.FORGETTING_ASKED, actor=actor, subject=made, touched=[locked], note={"cause": cause})
    return made


@act
def forget_refuse(*, actor: Actor, request: ForgetRequest) -> ForgetRequest:
    """Refuse to forget, or take one's own request back."""
    held = _open(actor, request)
    _decide(held, actor, Outcome.REFUSED)
    record(Tag.FORGETTING_REFUSED, actor=actor, subject=held, touched=[held.borrower])
    return held


@act
def forget_approve(*, actor: Actor, request: ForgetRequest) -> ForgetRequest:
    """Forget the borrower now, as the second person, with a fresh factor; retention and holds are looked at once more."""
    held = _open(actor, request)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=held, action=Permission.FORGET_APPROVE)
    if held.asked_by_id == actor.person_id:
        raise Refused("second_person", _("You asked for it yourself: another person has to approve."), subject=held)
    _refuse_own_rule(held, actor)
    borrower = _lock(held.borrower)
    _refuse_kept(borrower)
    owners = [borrower.key_owner, *_portal_people(actor, borrower)]
    held.files = sum(_files_erase(owner) for owner in owners)
    more = {"drafts": drafts_of_borrower_erase(borrower.pk)}
    for forgetter in registry.forgetters:
        more |= forgetter(borrower, actor)
    _names_blank(borrower)
    held.keys = sum(owner_forget(actor=actor, owner=owner) for owner in owners)
    _decide(held, actor, Outcome.GRANTED)
    note = {"keys": held.keys, "files": held.files, "owners": len(owners), "cause": held.cause}
    note |= {name: count for name, count in more.items() if count}
    record(Tag.BORROWER_FORGOTTEN, actor=actor, subject=borrower, touched=[held], note=note)
    return held


def _lock(borrower: Borrower) -> Borrower:
    rows = Borrower.objects.select_for_update(of=("self",)).select_related("key_owner", "group", "branch")
    return rows.get(pk=borrower.pk)


def _open(actor: Actor, request: ForgetRequest) -> ForgetRequest:
    rows = ForgetRequest.objects.select_for_update(of=("self",)).select_related("borrower__group", "borrower__branch")
    held = rows.get(pk=request.pk)
    authorize(actor, Permission.FORGET_APPROVE, held.borrower)
    if held.decided_at is not None:
        raise Refused("decided", _("This request is answered already."), subject=held)
    return held


def _refuse_kept(borrower: Borrower) -> None:
    if borrower.forgotten_at is not None:
        raise Refused("forgotten", _("The borrower is forgotten already."), subject=borrower)
    if reasons := what_keeps(borrower):
        words = _("The borrower may not be forgotten now.")
        raise Refused("retention", words, reasons=reasons, subject=borrower, action=Tag.BORROWER_FORGOTTEN)


def _refuse_own_rule(request: ForgetRequest, actor: Actor) -> None:
    """Whoever set the time of keeping neither asks nor approves under it: else one of the two could make the grounds."""
    rule = RetentionRule.objects.filter(data_class=DataClass.PERSONAL).first()
    if rule is not None and rule.set_by_id in {request.asked_by_id, actor.person_id}:
        words = _("Whoever set the time of keeping can neither ask for this nor approve it: another person has to.")
        raise Refused("rule_setter", words, subject=request)


def _decide(request: ForgetRequest, actor: Actor, outcome: Outcome) -> None:
    request.decided_by_id, request.decided_at, request.outcome = actor.person_id, clock.now(), outcome
    request.save()


def _files_erase(owner: KeyOwner) -> int:
    files = list(EncryptedFile.objects.filter(owner=owner, erased_at=None))
    for file in files:
        file_erase(file)
    return len(files)


def _names_blank(borrower: Borrower) -> None:
    """Put an empty text in the place of every name in clear: the business's, and its group's if all are gone."""
    for model in apps.get_models():
        names = list(names_of(model)) if hasattr(model, "key_owner") else []
        for row in _rows_under(model, borrower.key_owner) if names else ():
            for name in names:
                setattr(row, name, "")
            row.save(update_fields=names)
    borrower.refresh_from_db()
    borrower.forgotten_at, group = clock.now(), borrower.group
    borrower.save(update_fields=["forgotten_at"])
    if group is not None:
        group_name_drop(group)


def _rows_under(model: type[models.Model], owner: KeyOwner) -> models.QuerySet[Any]:
    return model._default_manager.filter(key_owner=owner)


def _portal_people(actor: Actor, borrower: Borrower) -> list[KeyOwner]:
    """End every access to the business; the owners of those who act for no other business are returned, to be forgotten too."""
    live = BorrowerAccess.objects.select_for_update(of=("self",)).filter(borrower=borrower, ended_at=None)
    for access in live:
        access.ended_at = clock.now()
        access.save(update_fields=["ended_at"])
        record(Tag.BORROWER_ACCESS_ENDED, actor=actor, subject=access)
    accounts = (
        Account.objects.filter(borrower_accesses__borrower=borrower).distinct().select_related("person__key_owner")
    )
    gone = [account for account in accounts if not _acts_elsewhere(account, borrower)]
    for account in gone:
        _close(actor, account)
    return list({account.person.key_owner_id: account.person.key_owner for account in gone}.values())


def _acts_elsewhere(account: Account, borrower: Borrower) -> bool:
    others = BorrowerAccess.objects.filter(account=account).exclude(borrower=borrower)
    return account.is_staff_kind or others.filter(borrower__forgotten_at=None).exists()


def _close(actor: Actor, account: Account) -> None:
    invitations_withdraw(actor=actor, account=account)
    sessions_end_of_person(actor=actor, person=account.person, reason="forgotten")
    account.is_active = False
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
