"""Reads of offers and letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.access.services import authorize
from apps.approval.models import Letter, Offer
from apps.approval.selectors.conditions import conditions_standing
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.vault.files import open_stream
from apps.workflow.models import LoanCase
from apps.workflow.states import State


def offer_standing(case: LoanCase) -> Offer | None:
    """The offer that stands for a case: open, or accepted and not revoked; ``None`` otherwise."""
    return next((each for each in rows(case, Offer, "memo__policy") if _stands(each)), None)


def _stands(offer: Offer) -> bool:
    return offer.asked_at is None and offer.lapsed_at is None and offer.revoked_at is None


def offers_of(case: LoanCase) -> list[Offer]:
    """All offers of a case, newest first."""
    return rows(case, Offer, "memo__policy")[::-1]


def counter_offer(case: LoanCase) -> Offer | None:
    """The borrower's last counter-offer, while no later offer has answered it."""
    last = next(iter(offers_of(case)), None)
    return last if last is not None and last.asked_at is not None else None


def offers_ended(today: dt.date) -> list[Offer]:
    """Open offers whose last day is over."""
    open_ones = Offer.objects.select_related("case").filter(
        accepted_at=None, asked_at=None, lapsed_at=None, revoked_at=None
    )
    return list(open_ones.filter(ends_on__lt=today, case__state=State.OFFERED).order_by("ends_on", "id"))


def letters_of(case: LoanCase) -> list[Letter]:
    """Letters of a case, newest first."""
    return rows(case, Letter, "file")[::-1]


@dataclass(frozen=True, slots=True)
class LetterOpened:
    """A letter's content as pieces of bytes, and a name for it that says nothing personal."""

    name: str
    content: Iterator[bytes]


def letter_open(
    actor: Actor, case: LoanCase, letter_id: int, *, permission: Permission = Permission.APPROVAL_VIEW
) -> LetterOpened:
    """Open a letter of a case; the look is recorded before a byte is returned. Raises ``NotVisible``.

    A letter is written to the borrower, who reads it as they read their case: the portal names that ``permission``.
    """
    authorize(actor, permission, case)
    letter = Letter.objects.select_related("file__owner").filter(case=case, pk=letter_id).first()
    if letter is None:
        raise NotVisible(subject=case, action=Tag.LETTER_OPENED)
    record_read(
        Tag.LETTER_OPENED, actor=actor, subject=letter, case=case, purpose=Purpose(f"task:{case.state}"),
        note={"sha256": letter.file.sha256},
    )  # fmt: skip
    return LetterOpened(f"{case.number}-{letter.kind}-{letter.language}.pdf", open_stream(letter.file))


def offer_shown(case: LoanCase) -> dict[str, Any]:
    """What the offer page shows: the standing offer, earlier ones, all letters, the day."""
    offers = offers_of(case)
    standing = offer_standing(case)
    return {
        "offer": standing,
        "earlier": [each for each in offers if standing is None or each.pk != standing.pk],
        "letters": letters_of(case),
        "conditions": conditions_standing(case),
        "today": clock.today(),
    }
