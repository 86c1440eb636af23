"""Retiring stretches of the log, for people: who may, what is due, and what stands."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.agreements import askers_of
from apps.audit.models import AuditEvent
from apps.audit.retiring.agreed import Proposal, State, proposals
from apps.audit.retiring.due import Places, next_due, refuse_kept
from apps.audit.services import act
from apps.audit.services.retiring import stretch_decline, stretch_propose
from apps.audit.tags import Tag
from apps.audit.tasks import retirement_agree
from apps.console.audit_scope import reads_everything
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission

RETIRE = Permission.AUDIT_RETIRE


@dataclass(frozen=True, slots=True)
class Standing:
    """The oldest stretch that is old enough and what keeps it all the same, and the proposals, the newest first."""

    due: Places | None
    kept_by: str
    proposals: list[Proposal]

    @property
    def is_under_way(self) -> bool:
        """Tell whether a proposal waits, or waits to be carried out."""
        return any(each.state in {State.WAITING, State.AGREED} for each in self.proposals)


def standing(actor: Actor) -> Standing:
    """How the log's stretches stand."""
    refuse_outsiders(actor)
    due = next_due()
    return Standing(due, _kept_by(due) if due else "", proposals())


def may_let_go(actor: Actor) -> bool:
    """Tell whether the actor may let stretches of the log retire, as one of two."""
    return all(reads_everything(actor, each) for each in (Permission.AUDIT_VIEW, RETIRE))


def to_answer(actor: Actor) -> list[int]:
    """Numbers of the proposals that wait for the actor: those of other people, where the actor may answer."""
    if not may_let_go(actor):
        return []
    waiting = (each.proposed for each in proposals() if each.state is State.WAITING)
    return [event.pk for event in waiting if actor.person_id not in askers_of(event)]


def _kept_by(due: Places) -> str:
    try:
        refuse_kept(due)
    except Refused as refusal:
        return str(refusal.message)
    return ""


def refuse_outsiders(actor: Actor) -> None:
    """Raise ``Refused`` for who may not read the whole log: nobody lets go what is not shown to them."""
    authorize(actor, RETIRE)
    if not may_let_go(actor):
        raise Refused(
            "scope", _("Only who may read the whole log lets a stretch of it retire."), action=RETIRE,
            who_can=_("Auditors and compliance officers whose role covers all branches and all of the log"),
        )  # fmt: skip


def proposal_get(actor: Actor, number: int) -> Proposal:
    """A proposal that waits; raises ``NotVisible``."""
    refuse_outsiders(actor)
    found = next((each for each in proposals() if each.proposed.pk == number), None)
    if found is None:
        raise NotVisible(action=Tag.STRETCH_AGREED)
    return found


@act
def log_stretch_propose(*, actor: Actor, first: int, last: int, words: str) -> AuditEvent:
    """Propose that the events at the places ``first`` to ``last`` (counted from 1) retire."""
    refuse_outsiders(actor)
    return stretch_propose(actor=actor, start=first - 1, stop=last, words=words)


@act
def log_stretch_agree(*, actor: Actor, asked: int) -> AuditEvent:
    """Agree as the second person."""
    refuse_outsiders(actor)
    return retirement_agree(actor=actor, asked=asked)


@act
def log_stretch_decline(*, actor: Actor, asked: int) -> AuditEvent:
    """Refuse, or take one's own proposal back."""
    refuse_outsiders(actor)
    return stretch_decline(actor=actor, asked=asked)
