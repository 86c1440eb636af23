"""Consents and the declaration: said by people who speak for the business, one row each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apps.applications import facts
from apps.applications.models import Consent, Declaration, Document, How
from apps.applications.policy import CONSENT_VERSION, DECLARATION_VERSION
from apps.applications.rules.completeness import SIGNER
from apps.applications.rules.promises import speakers_of
from apps.applications.services.locking import (
    DRAFT_ONLY,
    STILL_OPEN,
    UNSETTLED,
    application_for,
    case_locked,
    take_part,
)
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.acting import own_party
from apps.borrowers.models import Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch
from apps.workflow.states import State

DECLARABLE = DRAFT_ONLY | (UNSETTLED - STILL_OPEN)


@act
def consents_give(
    *,
    actor: Actor,
    case: LoanCase,
    kinds: Sequence[str],
    party: Party,
    given_on: dt.date,
    document: Document | None = None,
) -> list[Consent]:
    """Enter the consents that one sheet holds: each is a row and an event of its own.

    On paper the scanned sheet is attached; in the portal the borrower's own act is the evidence.
    """
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, states=UNSETTLED)
    take_part(locked, actor)
    _check_speaker(locked, actor, party, None)
    _check_given(kinds, given_on, _standing(locked, party))
    check_paper(actor, document)
    own_document(locked, document)
    given = [_consent_write(locked, actor, kind, party, given_on, document) for kind in dict.fromkeys(kinds)]
    case_touch(locked, actor=actor)
    record(
        Tag.APPLICATION_EDITED,
        actor=actor,
        subject=locked,
        case=locked,
        stage=locked.stage,
        note={"consents": len(given)},
    )
    return given


def consent_give(
    *, actor: Actor, case: LoanCase, kind: str, party: Party, given_on: dt.date, document: Document | None = None
) -> Consent:
    """Enter one consent."""
    return consents_give(actor=actor, case=case, kinds=[kind], party=party, given_on=given_on, document=document)[0]


def _consent_write(
    case: LoanCase, actor: Actor, kind: str, party: Party, given_on: dt.date, document: Document | None
) -> Consent:
    consent = Consent.objects.create(
        case=case, kind=kind, party=party, text_version=CONSENT_VERSION, how=how_of(actor), given_on=given_on,
        document=document,
    )  # fmt: skip
    record(Tag.CONSENT_GIVEN, actor=actor, subject=consent, case=case, stage=case.stage, note={"kind": kind})
    return consent


def _check_given(kinds: Sequence[str], given_on: dt.date, standing: set[str]) -> None:
    if not kinds or not set(kinds) <= set(facts.consent_kinds()):
        raise BadInput({"kinds": [_("Tick each consent that was given.")]})
    if standing & set(kinds):
        raise BadInput({"kinds": [_("A consent that you ticked is given already.")]})
    check_day(given_on, "given_on")


def check_day(day: dt.date, field: str) -> None:
    """Raise ``BadInput`` for a day that lies ahead or a year back."""
    if not clock.today() - dt.timedelta(days=366) <= day <= clock.today():
        raise BadInput({field: [_("Enter a day of the last twelve months, not one ahead.")]})


def _standing(case: LoanCase, party: Party) -> set[str]:
    """Kinds that the person has consented to; once a case has ended only what was entered since counts."""
    rows = Consent.objects.filter(case=case, party=party, withdrawn_at=None)
    if case.decided_at is not None and not case.is_open:
        rows = rows.filter(created_at__gte=case.decided_at)
    return set(rows.values_list("kind", flat=True))


@act
def consent_withdraw(*, actor: Actor, case: LoanCase, version: int, consent: Consent, reason: str = "") -> Consent:
    """Take a consent back. Beyond the draft the case ends with it: without consent nothing is processed any more.

    ``reason`` is a code of the catalogue (kind ``withdraw``), needed when an officer enters what came on paper.
    """
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version)
    current = Consent.objects.select_related("party").filter(pk=consent.pk, case=locked, withdrawn_at=None).first()
    if current is None:
        raise Refused("withdrawn", _("This consent is withdrawn already."), subject=locked)
    _check_own(locked, actor, current.party)
    current.withdrawn_at = clock.now()
    current.save(update_fields=["withdrawn_at"])
    if locked.state == State.DRAFT:
        case_touch(locked, actor=actor)
        record(Tag.CONSENT_ENDED, actor=actor, subject=current, case=locked, stage=locked.stage)
        return current
    event = Event.WITHDRAW_CONSENT if actor.is_borrower else Event.WITHDRAW_RECORDED
    advance(locked, event, actor=actor, version=locked.version, reasons=[reason] if reason else [])
    return current


@act
def declaration_sign(
    *,
    actor: Actor,
    case: LoanCase,
    version: int | None,
    party: Party,
    signed_on: dt.date,
    document: Document | None = None,
) -> Declaration:
    """Enter the signer's declaration for the application as it stands; every later change asks for a new one."""
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version, states=DECLARABLE)
    take_part(locked, actor)
    _check_speaker(locked, actor, party, {SIGNER})
    check_day(signed_on, "signed_on")
    check_paper(actor, document)
    declaration = declare(locked, actor, party, signed_on, own_document(locked, document))
    case_touch(locked, actor=actor)
    record(Tag.DECLARATION_SIGNED, actor=actor, subject=declaration, case=locked, stage=locked.stage)
    return declaration


def declare(case: LoanCase, actor: Actor, party: Party, signed_on: dt.date, document: Document | None) -> Declaration:
    """Write the declaration of the present revision; declaring twice is one declaration."""
    declaration, _created = Declaration.objects.get_or_create(
        case=case, party=party, revision=application_for(case).revision,
        defaults={"text_version": DECLARATION_VERSION, "how": how_of(actor), "document": document, "signed_on": signed_on},
    )  # fmt: skip
    return declaration


def how_of(actor: Actor) -> How:
    """The borrower's own act comes through the portal, everything staff enter came on paper."""
    return How.PORTAL if actor.is_borrower else How.PAPER


def own_document(case: LoanCase, document: Document | None) -> Document | None:
    """Refuse a document of another case."""
    if document is not None and document.case_id != case.pk:
        raise NotVisible(subject=document)
    return document


def check_paper(actor: Actor, document: Document | None) -> None:
    """What staff enter came on paper, so the paper is there."""
    if not actor.is_borrower and document is None:
        raise BadInput({"document": [_("Attach the scanned paper that was signed.")]})


def _check_own(case: LoanCase, actor: Actor, party: Party) -> None:
    """In the portal everybody speaks for themselves: the account of one person gives no word of another."""
    if not actor.is_borrower:
        return
    own = own_party(actor, case.borrower_id)
    if own is None or own.pk != party.pk:
        raise BadInput(
            {"party": [_("In the portal everybody speaks for themselves. This is for another person to say.")]}
        )


def _check_speaker(case: LoanCase, actor: Actor, party: Party, parts: set[str] | None) -> None:
    _check_own(case, actor, party)
    people = facts.parts_of(case.borrower)
    speakers = speakers_of(people) if parts is None else speakers_of(people, parts)
    if party.pk not in speakers:
        sentence = (
            _("Choose a signer or the legal representative.")
            if parts is None
            else _("Choose a signer of the business.")
        )
        raise BadInput({"party": [sentence]})
