"""What two people have signed about a stretch, as the log holds it: there is no other table that anybody could turn round."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from apps.audit.agreements import askers_of
from apps.audit.codes import fits
from apps.audit.models import AuditEvent
from apps.audit.tags import STRETCH_TAGS, Tag
from apps.core import clock

DAYS = 30
"""How long a proposal waits for an answer, and an agreement for being carried out."""
MOST = 400


class State(StrEnum):
    """What has become of a proposal."""

    WAITING = "waiting"
    LAPSED = "lapsed"
    DECLINED = "declined"
    AGREED = "agreed"
    RETIRED = "retired"


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed stretch with the event that proposes it, the answer, and the event that tells that it is gone."""

    proposed: AuditEvent
    answer: AuditEvent | None = None
    retired: AuditEvent | None = None

    @property
    def start(self) -> int:
        """The first leaf."""
        return int(self.proposed.data["note"]["from"])

    @property
    def stop(self) -> int:
        """The first leaf after it."""
        return int(self.proposed.data["note"]["to"])

    @property
    def words(self) -> str:
        """Why, in the words of who proposed it."""
        return str(self.proposed.data["purpose"].get("text", ""))

    @property
    def state(self) -> State:
        """What has become of it."""
        if self.retired is not None:
            return State.RETIRED
        if self.answer is not None and self.answer.action == Tag.STRETCH_DECLINED:
            return State.DECLINED
        if _is_old(self.answer or self.proposed):
            return State.LAPSED
        return State.AGREED if self.answer is not None else State.WAITING


def _is_old(event: AuditEvent) -> bool:
    return dt.datetime.fromisoformat(event.data["at"]) + dt.timedelta(days=DAYS) < clock.now()


def proposals() -> list[Proposal]:
    """The proposals on record, the newest first; two queries at most."""
    events = AuditEvent.objects.filter(action__in=STRETCH_TAGS, outcome="done").order_by("-pk")[:MOST]
    return _joined(list(events))


def proposal(number: int) -> Proposal | None:
    """The proposal that an event makes; ``None`` where it makes none."""
    return next((each for each in proposals() if each.proposed.pk == number), None)


def _joined(events: Iterable[AuditEvent]) -> list[Proposal]:
    answers: dict[int, AuditEvent] = {}
    retired: dict[int, AuditEvent] = {}
    proposed = []
    for event in events:
        asked = event.data["note"].get("asked", 0)
        if event.action == Tag.STRETCH_PROPOSED:
            proposed.append(event)
        elif event.action == Tag.STRETCH_RETIRED:
            retired[asked] = event
        else:
            answers[asked] = event
    return [Proposal(each, answers.get(each.pk), retired.get(each.pk)) for each in proposed]


def is_agreed(proposed: AuditEvent | None, agreed: AuditEvent | None) -> bool:
    """Tell whether two people, each under a code that fits, have signed for the same stretch."""
    if proposed is None or agreed is None or proposed.action != Tag.STRETCH_PROPOSED:
        return False
    if agreed.action != Tag.STRETCH_AGREED or {proposed.outcome, agreed.outcome} != {"done"}:
        return False
    if not all(fits(each.mac_key, each.body, each.mac) for each in (proposed, agreed)):
        return False
    first, second = proposed.data["note"], agreed.data["note"]
    one, other = askers_of(proposed), askers_of(agreed)
    same = second.get("asked") == proposed.pk and all(first[name] == second[name] for name in ("from", "to"))
    return same and bool(one and other) and not one & other
