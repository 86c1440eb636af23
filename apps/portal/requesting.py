"""Asking for a copy of one's data, and answering: who asks never decides, who decides never reads the copy."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.selectors import people_closest
from apps.access.services import authorize
from apps.accounts.selectors import institution
from apps.accounts.senders import word_send
from apps.approval.services.texts import text_taken
from apps.audit.body import Purpose
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.borrowers.acting import own_access, own_businesses
from apps.borrowers.models import Borrower, BorrowerAccess, Party
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused, StepUpNeeded
from apps.core.pdf import render_pdf
from apps.core.permissions import Permission
from apps.portal.copying import Part, as_json, parts_of_copy
from apps.portal.models import DataRequest
from apps.vault import files
from apps.vault.models import EncryptedFile
from apps.workflow.services.talk import notify

DECIDE = Permission.DATA_REQUEST_DECIDE
OPEN_FOR = dt.timedelta(days=14)
"""How long a copy may be downloaded once it is made."""
LARGEST = 50 * 1024 * 1024
WHY = 2000
MOST_ERASED = 200
TEMPLATE = "portal/data_copy.typ"
FORMS = {"pdf": "application/pdf", "json": "application/json"}


@act
def data_ask(*, actor: Actor, borrower: Borrower) -> DataRequest:
    """Ask for the data held about oneself and the business, with a code just proved; one open request at a time.

    Raises ``Refused`` for who is not yet known to be a person of the business.
    """
    mine = own_businesses(actor).select_for_update(of=("self",)).filter(pk=borrower.pk).first()
    if mine is None:
        raise NotVisible(subject=borrower, action=Tag.DATA_ASKED)
    need_confirmed(actor, mine)
    access, party = _known_person(actor, mine)
    if DataRequest.objects.filter(borrower=mine, account_id=access.account_id, decided_at=None).exists():
        raise Refused(
            "asked", gettext_lazy("You have asked already; we are working on it."), subject=mine, action=Tag.DATA_ASKED
        )
    last_day = clock.today() + dt.timedelta(days=pack_in_use().clock("data_requested").days)
    made = DataRequest.objects.create(
        borrower=mine, key_owner_id=mine.key_owner_id, account_id=access.account_id, party=party, due_on=last_day
    )
    notify(people_closest(DECIDE, mine.branch_id), None, "data_asked")
    record(Tag.DATA_ASKED, actor=actor, subject=made, touched=[mine], note={"due_on": last_day.isoformat()})
    return made


def _known_person(actor: Actor, borrower: Borrower) -> tuple[BorrowerAccess, Party]:
    access = own_access(actor, borrower.pk)
    if access is None or access.party is None or access.is_open_claim:
        words = gettext_lazy(
            "Your branch has not yet confirmed which person of this business you are. Ask your branch."
        )
        raise Refused("own_party", words, subject=borrower, action=Tag.DATA_ASKED)
    return access, access.party


def need_confirmed(actor: Actor, subject: Any, action: str = DECIDE) -> None:
    """Raise ``StepUpNeeded`` unless the actor has just proved a code."""
    if not actor.is_confirmed(clock.now()):
        raise StepUpNeeded(subject=subject, action=action)


@act
def data_give(*, actor: Actor, request: DataRequest) -> DataRequest:
    """Grant a request: the copy is made now, sealed under the borrower's key, and the asker told that it is there.

    The right may have ended since: who no longer acts for the business gets nothing.
    """
    locked = _locked(actor, request)
    if not BorrowerAccess.objects.filter(account=locked.account, party=locked.party, ended_at=None).exists():
        raise Refused(
            "access", gettext_lazy("This person no longer acts for the business. Refuse the request."), subject=locked
        )
    with translation.override(locked.account.person.language):
        parts = parts_of_copy(locked)
        locked.readable = _kept(locked, "pdf", _as_pdf(locked, parts))
        locked.data = _kept(locked, "json", _as_json(locked, parts))
    locked.open_until = clock.now() + OPEN_FOR
    _decide(locked, actor)
    note = {"parts": [part.code for part in parts], "sha256": [locked.readable.sha256, locked.data.sha256]}
    record(Tag.DATA_GIVEN, actor=actor, subject=locked, purpose=Purpose("task:data_request"), note=note)
    return locked


@act
def data_refuse(*, actor: Actor, request: DataRequest, why: str) -> DataRequest:
    """Refuse a request with a reason that the asker reads."""
    locked = _locked(actor, request)
    locked.why = text_taken("why", why, most=WHY, required=True)
    _decide(locked, actor)
    record(Tag.DATA_REFUSED, actor=actor, subject=locked)
    return locked


def _locked(actor: Actor, request: DataRequest) -> DataRequest:
    rows = DataRequest.objects.select_for_update(of=("self",))
    related = ("borrower__branch", "borrower__key_owner", "account__person__key_owner", "party__key_owner", "key_owner")
    locked = rows.select_related(*related).get(pk=request.pk)
    authorize(actor, DECIDE, locked.borrower)
    need_confirmed(actor, locked)
    if locked.account.person_id == actor.person_id:
        raise Refused(
            "own_request", gettext_lazy("This is your own request: somebody else answers it."), subject=locked
        )
    if locked.decided_at is not None:
        raise Refused("decided", gettext_lazy("This request is answered already."), subject=locked)
    return locked


def _decide(locked: DataRequest, actor: Actor) -> None:
    locked.decided_by_id, locked.decided_at = actor.person_id, clock.now()
    locked.save()
    if not clock.is_simulated():
        word_send(locked.account, "news")


def _about(request: DataRequest) -> dict[str, str]:
    place = institution()
    return {
        "institution": place.name if place else "",
        "made_at": clock.now().isoformat(timespec="minutes"),
        "asked_at": request.created_at.isoformat(timespec="minutes"),
    }


def _as_pdf(request: DataRequest, parts: Sequence[Part]) -> bytes:
    about = _about(request)
    shown = {
        "institution": about["institution"], "reference": request.borrower.branch.name, "title": _("The data we hold about you"),
        "opening": [
            _("You asked for this copy. It holds what we keep about you, and about the business as far as you act for it."),
            _("It leaves out how we judge applications and what concerns other people."),
        ],
        "pairs": [[_("Asked"), about["asked_at"]], [_("Made"), about["made_at"]]],
        "parts": [part.as_page() for part in parts], "footer": about["made_at"],
    }  # fmt: skip
    return render_pdf(TEMPLATE, shown, translation.get_language() or "en", made_at=clock.now())


def _as_json(request: DataRequest, parts: Sequence[Part]) -> bytes:
    return json.dumps(as_json(parts, _about(request)), ensure_ascii=False, indent=2).encode()


def _kept(request: DataRequest, form: str, content: bytes) -> EncryptedFile:
    name = f"data-{request.uuid.hex[:8]}.{form}"
    owner = request.borrower.key_owner
    return files.store(owner, [content], name=name, content_type=FORMS[form], max_bytes=LARGEST)


def data_take(*, actor: Actor, request: DataRequest, form: str) -> EncryptedFile:
    """The file of one's own copy, its opening on record first; needs a code just proved, and the copy still there."""
    kept = {"pdf": request.readable, "json": request.data}.get(form)
    own = request.account_id == actor.account_id and request.borrower_id in actor.borrower_ids
    if kept is None or not own:
        raise NotVisible(subject=request, action=Tag.DATA_TAKEN)
    need_confirmed(actor, request)
    if request.state != "ready":
        raise Refused(
            "past",
            gettext_lazy("This copy is no longer kept ready. Ask for a new one."),
            subject=request,
            action=Tag.DATA_TAKEN,
        )
    record_read(Tag.DATA_TAKEN, actor=actor, subject=request, note={"form": form, "sha256": kept.sha256})
    return kept


def copies_erase(actor: Actor) -> int:
    """Erase the files of copies that may no longer be downloaded; returns how many requests had any. Run by the clock."""
    past = DataRequest.objects.filter(open_until__lt=clock.now(), readable__erased_at=None, readable__isnull=False)
    return sum(_copy_erase(actor=actor, pk=pk) for pk in past.order_by("id").values_list("pk", flat=True)[:MOST_ERASED])


@act
def _copy_erase(*, actor: Actor, pk: int) -> int:
    held = DataRequest.objects.select_for_update(of=("self",)).select_related("readable", "data").get(pk=pk)
    kept = [file for file in (held.readable, held.data) if file is not None and file.erased_at is None]
    for file in kept:
        files.file_erase(file)
    if kept:
        record(Tag.DATA_ERASED, actor=actor, subject=held, note={"sha256": [file.sha256 for file in kept]})
    return bool(kept)
