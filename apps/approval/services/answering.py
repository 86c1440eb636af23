"""The borrower's answer to an offer, given in the portal or entered from paper: accepted, or asked for other terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from apps.approval.models import Offer
from apps.approval.services.asking import AskedTerms, terms_differing
from apps.approval.services.offering import facilities_release, offer_lock
from apps.approval.services.texts import text_taken
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor
from apps.vault import files
from apps.vault.models import EncryptedFile
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, check_event

PAPER_LARGEST = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Paper:
    """A scanned paper that was looked through already: its stream, name and type."""

    stream: BinaryIO
    name: str
    content_type: str


@act
def offer_accept(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """The borrower accepts in the portal."""
    locked, offer = offer_lock(case, actor, version)
    check_event(locked, Event.OFFER_ACCEPT, actor=actor)
    _accepted(offer, actor, "portal", None)
    return advance(locked, Event.OFFER_ACCEPT, actor=actor, version=version, data={"offer": offer.pk})


@act
def offer_accept_recorded(*, actor: Actor, case: LoanCase, version: int, paper: Paper | None) -> LoanCase:
    """Enter an acceptance that the borrower signed on paper; the scanned paper is kept with the offer."""
    locked, offer = offer_lock(case, actor, version)
    check_event(locked, Event.OFFER_ACCEPT_RECORDED, actor=actor, data={"paper": paper})
    kept = _keep(locked, paper)
    _accepted(offer, actor, "paper", kept)
    facts = {"offer": offer.pk, "paper": kept}
    return advance(locked, Event.OFFER_ACCEPT_RECORDED, actor=actor, version=version, data=facts)


@act
def offer_negotiate(
    *, actor: Actor, case: LoanCase, version: int, asked: Sequence[AskedTerms], words: str = ""
) -> LoanCase:
    """The borrower asks for other terms in the portal; the case goes back to the credit review."""
    return _negotiate(Event.NEGOTIATE, case, actor, version, asked, words, None)


@act
def offer_negotiate_recorded(
    *, actor: Actor, case: LoanCase, version: int, asked: Sequence[AskedTerms], paper: Paper | None, words: str = ""
) -> LoanCase:
    """Enter a counter-offer that the borrower signed on paper."""
    return _negotiate(Event.NEGOTIATE_RECORDED, case, actor, version, asked, words, paper)


def _negotiate(
    event: Event,
    case: LoanCase,
    actor: Actor,
    version: int,
    asked: Sequence[AskedTerms],
    words: str,
    paper: Paper | None,
) -> LoanCase:
    locked, offer = offer_lock(case, actor, version)
    text = text_taken("words", words, most=4000)
    terms = terms_differing(locked, offer, asked)
    check_event(locked, event, actor=actor, data={"asked": terms, "paper": paper})
    offer.paper = _keep(locked, paper)
    offer.asked, offer.asked_at, offer.entered_by = terms, clock.now(), actor.name
    offer.save()
    facilities_release(locked)
    facts = {"asked": terms, "offer": offer.pk, "paper": offer.paper}
    return advance(locked, event, actor=actor, version=version, text=text, data=facts)


def _accepted(offer: Offer, actor: Actor, how: str, paper: EncryptedFile | None) -> None:
    offer.accepted_at, offer.accepted_how, offer.paper, offer.entered_by = clock.now(), how, paper, actor.name
    offer.save()


def _keep(case: LoanCase, paper: Paper | None) -> EncryptedFile | None:
    if paper is None:
        return None
    owner = case.borrower.key_owner
    return files.store(owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=PAPER_LARGEST)
