"""What a borrower does in the portal that no stage has a service for: applying, consenting, answering, writing, withdrawing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.applications import facts
from apps.applications import services as applications
from apps.applications.guards import declaration_signed
from apps.applications.models import Consent
from apps.applications.services.documents import document_write
from apps.applications.services.locking import case_locked
from apps.applications.uploads import Inspected, inspect
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.acting import own_businesses, own_party
from apps.borrowers.models import Borrower, Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase, Message, Product
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk, advance, case_touch
from apps.workflow.services.talk import message_send
from apps.workflow.states import State

MOST_DRAFTS = 5
MESSAGES_AN_HOUR = 20


@act
def application_begin(
    *, actor: Actor, borrower: Borrower, product: Product, amount: Decimal, term_months: int
) -> LoanCase:
    """Open a draft for one of the actor's own businesses. Raises ``Refused`` while too many drafts are open."""
    mine = own_businesses(actor).select_for_update(of=("self",)).filter(pk=borrower.pk).first()
    if mine is None:
        raise NotVisible(subject=borrower, action=Event.CREATE_ONLINE)
    if LoanCase.objects.filter(borrower=mine, state=State.DRAFT).count() >= MOST_DRAFTS:
        raise Refused("drafts", _("Several applications of this business are open already. Send or withdraw one first."),
                      subject=mine, action=Event.CREATE_ONLINE)  # fmt: skip
    ask = FacilityAsk(amount, term_months, kind="revolving" if product.is_revolving else "new")
    return applications.application_create(actor=actor, product=product, facilities=[ask], borrower=mine)


def speaker_of(actor: Actor, case: LoanCase) -> Party:
    """The person that the account is; raises ``Refused`` where the bank has not said who that is."""
    found = own_party(actor, case.borrower_id)
    if found is None:
        raise Refused(
            "own_party", _("Your account is not yet tied to a person of this business. Ask your branch."), subject=case
        )
    return found


@act
def consents_say(*, actor: Actor, case: LoanCase, kinds: Sequence[str]) -> list[Consent]:
    """Give consents, each on its own, as the person that the account is."""
    party = speaker_of(actor, case)
    return applications.consents_give(actor=actor, case=case, kinds=kinds, party=party, given_on=clock.today())


@act
def application_send(*, actor: Actor, case: LoanCase, version: int, declared: bool = False) -> LoanCase:
    """Declare the application as it stands, unless a signer has, and send it. Refused with all that is missing."""
    if declaration_signed(case, actor, {}):
        if not declared:
            raise BadInput({"declared": [_("Tick the declaration before you send the application.")]})
        applications.declaration_sign(
            actor=actor, case=case, version=version, party=speaker_of(actor, case), signed_on=clock.today()
        )
        version = LoanCase.objects.values_list("version", flat=True).get(pk=case.pk)
    return applications.application_submit(actor=actor, case=case, version=version)


def case_answer(
    *, actor: Actor, case: LoanCase, version: int, text: str, code: str = "", file: tuple[BinaryIO, str] | None = None
) -> LoanCase:
    """Answer what the institution asked, with a document if one is given; the case goes back to the stage that asked.

    The file is looked through before the transaction begins; raises ``UploadRefused`` or ``BadInput``.
    """
    scan = (file[0], inspect(file[0], name=file[1])) if file is not None else None
    return _answer(actor=actor, case=case, version=version, text=text, code=code, scan=scan)


@act(tag="workflow.borrower_answered")
def _answer(
    *, actor: Actor, case: LoanCase, version: int, text: str, code: str, scan: tuple[BinaryIO, Inspected] | None
) -> LoanCase:
    if scan is not None:
        locked = case_locked(case, actor=actor, permission=Permission.DOCUMENT_ADD, version=version)
        document = document_write(locked, actor, code=code, stream=scan[0], seen=scan[1])
        case_touch(locked, actor=actor)
        record(Tag.DOCUMENT_ADDED, actor=actor, subject=document, case=locked, stage=locked.stage,
               note={"code": code, "sha256": document.sha256})  # fmt: skip
        version = locked.version
    return advance(case, Event.ANSWER, actor=actor, version=version, text=text)


@act
def message_write(*, actor: Actor, case: LoanCase, body: str) -> Message:
    """Write to the bank, at any time; at most twenty messages an hour."""
    hour = clock.now() - dt.timedelta(hours=1)
    if Message.objects.filter(case=case, author_id=actor.person_id, created_at__gt=hour).count() >= MESSAGES_AN_HOUR:
        raise Refused(
            "throttled", _("You have written many messages. Wait a little before the next one."), subject=case
        )
    return message_send(actor=actor, case=case, audience="borrower", body=body)


@act
def case_withdraw(
    *, actor: Actor, case: LoanCase, version: int, reasons: Sequence[str] = (), text: str = ""
) -> LoanCase:
    """Withdraw the application; refused once a payment is released."""
    return advance(case, Event.WITHDRAW, actor=actor, version=version, reasons=reasons, text=text)


def consents_missing(case: LoanCase) -> dict[str, object]:
    """Kinds of consent that nobody who speaks for the business has given: codes and words."""
    given = {each.kind for each in facts.consent_facts(case) if each.is_live}
    return {code: label for code, label in facts.consent_kinds().items() if code not in given}
