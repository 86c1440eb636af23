"""Corrects a submitted application: the borrower confirms, both versions stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.applications.kinds import CONFIRMATION
from apps.applications.models import Application, Document
from apps.applications.services.consents import declare, how_of, own_document
from apps.applications.services.documents import document_write
from apps.applications.services.editing import facility_write, total_asked, words_write
from apps.applications.services.locking import application_for, case_locked, revise
from apps.applications.services.opening import Words
from apps.applications.services.versions import differences_between, newest_version, version_write
from apps.applications.snapshot import snapshot_of
from apps.applications.uploads import Inspected
from apps.audit.services import act
from apps.borrowers import writing
from apps.borrowers.models import Borrower, Party
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk, advance, case_touch, check_event
from apps.workflow.states import UNDER_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What becomes different: words, fields of the business, facilities by position. What is left out stays."""

    words: Words | None = None
    business: Mapping[str, Any] = field(default_factory=dict)
    facilities: Mapping[int, FacilityAsk] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Who of the business stands behind the correction, since when, and on which paper: known, or a new scan."""

    party: Party | None
    confirmed_on: dt.date | None
    document: Document | None = None
    scan: tuple[BinaryIO, Inspected] | None = None


@act
def application_correct(
    *, actor: Actor, case: LoanCase, version: int, correction: Correction, confirmation: Confirmation
) -> LoanCase:
    """Correct an application under review. Score, memo and signatures that rest on it are made anew by their stages."""
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_CORRECT, version=version,
                         states=frozenset(UNDER_REVIEW))  # fmt: skip
    confirmation = _with_paper(locked, actor, confirmation)
    data = _facts(actor, confirmation)
    check_event(locked, Event.CORRECT, actor=actor, data=data)
    application = application_for(locked)
    before = _keep_before(locked, application, actor)
    _apply(locked, correction)
    application = revise(locked)
    if not differences_between(before, snapshot_of(locked, application)):
        raise BadInput({"": [_("Nothing was changed.")]})
    _keep_after(locked, application, actor, confirmation)
    case_touch(locked, actor=actor, amount_asked=total_asked(locked))
    return advance(locked, Event.CORRECT, actor=actor, version=locked.version, data=data)


def _with_paper(case: LoanCase, actor: Actor, confirmation: Confirmation) -> Confirmation:
    """Take a new scan in, in this very act: a paper without its correction would change the case its reader saw."""
    if confirmation.scan is None:
        own_document(case, confirmation.document)
        return confirmation
    stream, seen = confirmation.scan
    paper = document_write(case, actor, code=CONFIRMATION, stream=stream, seen=seen)
    return replace(confirmation, document=paper, scan=None)


def _facts(actor: Actor, confirmation: Confirmation) -> dict[str, Any]:
    return {
        "confirmed_by": confirmation.party.pk if confirmation.party else None, "confirmed_how": how_of(actor).value,
        "confirmed_on": confirmation.confirmed_on, "confirmed_document": confirmation.document,
    }  # fmt: skip


def _keep_before(case: LoanCase, application: Application, actor: Actor) -> dict[str, Any]:
    """Keep the application as it stood, unless the last version kept is just that."""
    present = snapshot_of(case, application)
    last = newest_version(case)
    if last is None or last.content.reveal() != present:
        version_write(case, application, why="before", made_by_id=actor.person_id)
    return present


def _apply(case: LoanCase, correction: Correction) -> None:
    if correction.business:
        borrower = Borrower.objects.select_for_update(of=("self",)).select_related("key_owner").get(pk=case.borrower_id)
        writing.business_write(borrower, correction.business)
        case.borrower = borrower
    if correction.words is not None:
        words_write(case, correction.words)
    for position, ask in correction.facilities.items():
        facility_write(case, ask, position)


def _keep_after(case: LoanCase, application: Application, actor: Actor, confirmation: Confirmation) -> None:
    if confirmation.party is None or confirmation.confirmed_on is None:
        raise BadInput({"party": [_("Say which signer has confirmed the correction.")]})
    declare(case, actor, confirmation.party, confirmation.confirmed_on, confirmation.document)
    version_write(
        case, application, why="corrected", made_by_id=actor.person_id, confirmed_by=confirmation.party,
        confirmed_how=how_of(actor), confirmed_on=confirmation.confirmed_on, document=confirmation.document,
    )  # fmt: skip
