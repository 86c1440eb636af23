"""What a person of a business asks of the data held about it (access, correction, deletion), and the answer in time."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.senders import word_send
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.acting import own_access, own_businesses
from apps.borrowers.models import Borrower, Outcome, PrivacyRequest, RequestKind
from apps.borrowers.models.privacy import LONGEST
from apps.borrowers.writing import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.portal.requesting import DECIDE, need_confirmed


@act
def privacy_ask(*, actor: Actor, borrower: Borrower, kind: str, words: str = "") -> PrivacyRequest:
    """Ask, with a code just proved; one open request of a kind at a time. Raises ``Refused`` for who is not known yet."""
    mine = own_businesses(actor).select_for_update(of=("self",)).filter(pk=borrower.pk).first()
    if mine is None:
        raise NotVisible(subject=borrower, action=Tag.PRIVACY_ASKED)
    need_confirmed(actor, mine, Tag.PRIVACY_ASKED)
    access = own_access(actor, mine.pk)
    if access is None or access.is_open_claim:
        words_of_refusal = _(
            "Your branch has not yet confirmed which person of this business you are. Ask your branch."
        )
        raise Refused("own_party", words_of_refusal, subject=mine, action=Tag.PRIVACY_ASKED)
    text = _checked(kind, words)
    open_ones = PrivacyRequest.objects.filter(borrower=mine, account_id=access.account_id, decided_at=None)
    if open_ones.filter(kind=kind).exists():
        raise Refused(
            "asked", _("You have asked already; we are working on it."), subject=mine, action=Tag.PRIVACY_ASKED
        )
    made = PrivacyRequest.objects.create(
        borrower=mine, key_owner=mine.key_owner, account_id=access.account_id, kind=RequestKind(kind), words=text,
        due_on=clock.today() + dt.timedelta(days=pack_in_use().clock("data_requested").days),
    )  # fmt: skip
    record(
        Tag.PRIVACY_ASKED,
        actor=actor,
        subject=made,
        touched=[mine],
        note={"kind": kind, "due_on": made.due_on.isoformat()},
    )
    return made


def _checked(kind: str, words: str) -> str:
    text = words.strip()
    if len(text) > LONGEST:
        raise BadInput({"words": [_("Use at most %(limit)s characters.") % {"limit": LONGEST}]})
    if kind == RequestKind.CORRECTION and not text:
        raise BadInput({"words": [_("Say what is wrong, and how it is right.")]})
    return text


@act
def privacy_answer(*, actor: Actor, request: PrivacyRequest, outcome: str, answer: str) -> PrivacyRequest:
    """Answer with words that the asker reads. Granting a deletion promises it: whoever may asks for it, another approves."""
    rows = PrivacyRequest.objects.select_for_update(of=("self",))
    related = ("borrower__branch", "borrower__group", "key_owner", "account__person__key_owner")
    locked = rows.select_related(*related).get(pk=request.pk)
    authorize(actor, DECIDE, locked.borrower)
    need_confirmed(actor, locked)
    if locked.decided_at is not None:
        raise Refused("decided", _("This request is answered already."), subject=locked)
    if locked.account.person_id == actor.person_id:
        raise Refused("own_request", _("This is your own request: somebody else answers it."), subject=locked)
    if not answer.strip():
        raise BadInput({"answer": [_("Write what the borrower is to read.")]})
    locked.outcome, locked.answer = Outcome(outcome), answer.strip()
    locked.decided_by_id, locked.decided_at = actor.person_id, clock.now()
    locked.save()
    record(Tag.PRIVACY_ANSWERED, actor=actor, subject=locked, note={"kind": locked.kind, "outcome": outcome})
    if not clock.is_simulated():
        word_send(locked.account, "news")
    return locked
