"""One's own key for exports: registered and revoked with a fresh factor, on record with its fingerprint."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, RecipientKey
from apps.accounts.senders import word_send
from apps.audit.recipients import fingerprint, recipient_of
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded


@act
def recipient_register(*, actor: Actor, account: Account, recipient: str) -> RecipientKey:
    """Have exports of an account encrypted to a key from now on; the one before is revoked. Raises ``BadInput`` for none."""
    _refuse_others(actor, account, Tag.RECIPIENT_ADDED)
    Account.objects.select_for_update().only("pk").get(pk=account.pk)  # two at once are one after the other
    wanted = recipient_of(recipient)
    before = RecipientKey.objects.filter(account=account, retired_at=None).first()
    if before is not None and before.recipient == wanted:
        raise BadInput({"recipient": [_("This key is registered already.")]})
    if before is not None:
        _retire(actor, before, "replaced")
    made = RecipientKey.objects.create(account=account, recipient=wanted, fingerprint=fingerprint(wanted))
    record(Tag.RECIPIENT_ADDED, actor=actor, subject=made, note=_told(made))
    word_send(account, "recipient_news")  # whoever did not do this themselves hears of it
    return made


@act
def recipient_revoke(*, actor: Actor, account: Account) -> RecipientKey:
    """Take one's key out of use; exports that were made for it stay as they are."""
    _refuse_others(actor, account, Tag.RECIPIENT_RETIRED)
    held = RecipientKey.objects.select_for_update().filter(account=account, retired_at=None).first()
    if held is None:
        raise Refused("recipient", _("No key is registered."), subject=account, action=Tag.RECIPIENT_RETIRED)
    return _retire(actor, held, "revoked")


def _retire(actor: Actor, held: RecipientKey, reason: str) -> RecipientKey:
    held.retired_at = clock.now()
    held.save(update_fields=["retired_at"])
    record(Tag.RECIPIENT_RETIRED, actor=actor, subject=held, note={**_told(held), "reason": reason})
    return held


def _told(held: RecipientKey) -> dict[str, str]:
    return {"recipient": held.recipient, "recipient_sha256": held.fingerprint}


def _refuse_others(actor: Actor, account: Account, tag: Tag) -> None:
    if actor.account_id != account.pk or not account.is_staff_kind:
        raise NotVisible(subject=account, action=tag)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=account, action=tag)
