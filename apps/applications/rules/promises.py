"""What the borrower has said: consents, the declaration, and the confirmation of a correction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.rules.completeness import REPRESENTATIVE, SIGNER

SPEAKERS = frozenset({REPRESENTATIVE, SIGNER})
"""Parts whose bearers speak for the business."""


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """A consent of a kind: who gave it, and when it was entered."""

    kind: str
    party_id: int
    entered_at: dt.datetime
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class DeclarationFacts:
    """A declaration and the revision of the application it speaks of."""

    party_id: int
    revision: int


def consents_missing(
    kinds: Mapping[str, Any], consents: Iterable[ConsentFacts], speakers: Collection[int]
) -> list[Any]:
    """Each kind of the pack, by code and words, needs a live consent of somebody who speaks for the business."""
    given = {each.kind for each in consents if each.is_live and each.party_id in speakers}
    return [_("Consent is missing: %(kind)s.") % {"kind": label} for code, label in kinds.items() if code not in given]


def fresh_consents_missing(
    kinds: Mapping[str, Any], consents: Iterable[ConsentFacts], speakers: Collection[int], ended_at: dt.datetime | None
) -> list[Any]:
    """After a case has ended, each kind needs a consent entered since."""
    fresh = [each for each in consents if ended_at is None or each.entered_at >= ended_at]
    return consents_missing(kinds, fresh, speakers)


def declaration_missing(declarations: Iterable[DeclarationFacts], revision: int, signers: Collection[int]) -> list[Any]:
    """A signer has declared this very revision."""
    by_signers = [each for each in declarations if each.party_id in signers]
    if any(each.revision == revision for each in by_signers):
        return []
    if by_signers:
        return [_("The application was changed after it was declared. Let the signer declare it again.")]
    return [_("The signer has not declared that the application is complete and true.")]


def reconfirmation_missing(
    party_id: int | None, how: str, has_document: bool, confirmed_on: dt.date | None, signers: Collection[int],
    today: dt.date,
) -> list[Any]:  # fmt: skip
    """A correction stands when a signer has confirmed it: in the portal, or on a paper that is attached."""
    lines: list[Any] = []
    if party_id not in signers:
        lines.append(_("Say which signer has confirmed the correction."))
    if how not in {"paper", "portal"}:
        lines.append(_("Say how the borrower has confirmed the correction."))
    elif how == "paper" and not has_document:
        lines.append(_("Attach the signed paper that confirms the correction."))
    if confirmed_on is None or confirmed_on > today:
        lines.append(_("Say when the borrower has confirmed the correction."))
    return lines


def speakers_of(people: Sequence[tuple[int, Collection[str]]], parts: Collection[str] = SPEAKERS) -> frozenset[int]:
    """Ids of the people who bear one of the parts."""
    return frozenset(person_id for person_id, borne in people if set(borne) & set(parts))
