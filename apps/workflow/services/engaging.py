"""Audit engagements: made by one person with the right, agreed or rejected by another, over by themselves or ended early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.access.actors import actor_of
from apps.access.roles import who_can
from apps.access.services import authorize
from apps.accounts.models import Account, AccountKind, Branch
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.workflow.models import Engagement, EngagementAuditor, EngagementPlace, LoanCase
from apps.workflow.selectors.engagements import bound_now, may_manage

LONGEST = 366
"""Days that an engagement may last; a longer audit asks again."""
MOST_NAMED = 100
"""Places and auditors that one engagement may name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engagement shall be: auditors by handle, places, the days of its events (inclusive) and its own last day."""

    auditors: Sequence[str]
    purpose: str
    ends: dt.date
    branches: Collection[Branch] = ()
    cases: Sequence[str] = ()
    borrowers: Sequence[int] = ()
    since: dt.date | None = None
    until: dt.date | None = None


@act
def engagement_ask(*, actor: Actor, plan: Plan) -> Engagement:
    """Make an engagement that waits for a second person. Raises ``BadInput`` by field."""
    _may(actor)
    auditors, places = _auditors(plan, actor), _places(plan)
    _refuse_times(plan)
    made = Engagement.objects.create(
        asked_by_id=actor.person_id or 0, purpose=_purpose(plan.purpose), since=clock.midnight(plan.since) if plan.since else None,
        until=_after(plan.until) if plan.until else None, ends_at=_after(plan.ends),
    )  # fmt: skip
    rows = [EngagementAuditor.objects.create(engagement=made, person_id=each.person_id) for each in auditors]
    for place in places:
        place.engagement = made
        place.save()
    note = {"auditors": [each.handle for each in auditors], "ends": str(plan.ends), **_told(plan)}
    record(Tag.ENGAGEMENT_ASKED, actor=actor, subject=made, touched=[*rows, *places], note=note)
    return made


@act
def engagement_agree(*, actor: Actor, engagement: Engagement) -> Engagement:
    """Let an engagement count from now on, as the second person; none of its auditors agrees it."""
    held = _waiting(actor, engagement)
    if held.asked_by_id == actor.person_id:
        raise Refused(
            "second_person", _("You made this engagement yourself: another person has to agree."), subject=held
        )
    _refuse_without_asker(held)
    if held.auditors.filter(person_id=actor.person_id or 0).exists():
        raise Refused("own_engagement", _("You are one of its auditors: somebody else has to agree."), subject=held)
    held.agreed_by_id, held.agreed_at = actor.person_id, clock.now()
    held.save(update_fields=["agreed_by", "agreed_at"])
    record(Tag.ENGAGEMENT_AGREED, actor=actor, subject=held, note={"ends": held.ends_at.isoformat()})
    return held


@act
def engagement_reject(*, actor: Actor, engagement: Engagement) -> Engagement:
    """End an engagement that waits; who made it may take it back this way."""
    held = _waiting(actor, engagement)
    held.ends_at = clock.now()
    held.save(update_fields=["ends_at"])
    record(Tag.ENGAGEMENT_REJECTED, actor=actor, subject=held)
    return held


@act
def engagement_end(*, actor: Actor, engagement: Engagement) -> Engagement:
    """End an engagement before its time; one person is enough to take away. Ending it twice changes nothing."""
    held = _locked(actor, engagement)
    if held.agreed_at is None or held.is_over:
        return held
    held.ends_at = clock.now()
    held.save(update_fields=["ends_at"])
    record(Tag.ENGAGEMENT_ENDED, actor=actor, subject=held)
    return held


def refuse_engaged(actor: Actor) -> None:
    """Raise ``Refused`` for whoever reads within an engagement, or in some branches alone."""
    authorize(actor, Permission.ENGAGEMENT_MANAGE)
    if not may_manage(actor):
        words = _("Only a role over all branches that is bound to no engagement makes or agrees one.")
        raise Refused(
            "engaged", words, action=Permission.ENGAGEMENT_MANAGE, who_can=who_can(Permission.ENGAGEMENT_MANAGE)
        )


def _may(actor: Actor) -> None:
    refuse_engaged(actor)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(action=Permission.ENGAGEMENT_MANAGE)


def _locked(actor: Actor, engagement: Engagement) -> Engagement:
    _may(actor)
    found = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("asked_by__key_owner")
        .filter(pk=engagement.pk)
    )
    if (held := found.first()) is None:
        raise NotVisible(action=Permission.ENGAGEMENT_MANAGE)
    return held


def _waiting(actor: Actor, engagement: Engagement) -> Engagement:
    held = _locked(actor, engagement)
    if not held.is_waiting:
        raise BadInput(_("This engagement no longer waits for an answer."))
    return held


def _refuse_without_asker(engagement: Engagement) -> None:
    """Raise where whoever made it may no longer make one: two people stand behind it when it begins to count."""
    accounts = Account.objects.filter(person_id=engagement.asked_by_id, kind=AccountKind.STAFF, is_active=True)
    if not any(may_manage(actor_of(each)) for each in accounts):
        words = _("Whoever made this engagement may no longer make one. It has to be made anew.")
        raise Refused("asker", words, subject=engagement, action=Permission.ENGAGEMENT_MANAGE)


def _auditors(plan: Plan, actor: Actor) -> list[Account]:
    wanted = list(dict.fromkeys(handle.strip().lower() for handle in plan.auditors if handle.strip()))
    found = Account.objects.filter(handle__in=wanted[:MOST_NAMED], kind=AccountKind.STAFF, is_active=True)
    accounts = {each.handle: each for each in found.exclude(enrolled_at=None)}
    if missing := [handle for handle in wanted if handle not in accounts]:
        words = _("There is no such colleague with an account in use: %(names)s.")
        raise BadInput({"auditors": [words % {"names": ", ".join(missing)}]})
    if not accounts:
        raise BadInput({"auditors": [_("Name at least one auditor.")]})
    bound = bound_now(each.person_id for each in accounts.values())
    if unbound := [handle for handle, each in accounts.items() if each.person_id not in bound]:
        words = _("An engagement counts only for a role that is bound to engagements. Not so: %(names)s.")
        raise BadInput({"auditors": [words % {"names": ", ".join(unbound)}]})
    if any(each.person_id == actor.person_id for each in accounts.values()):
        raise BadInput({"auditors": [_("Nobody makes an engagement for themselves.")]})
    return list(accounts.values())


def _places(plan: Plan) -> list[EngagementPlace]:
    found = [EngagementPlace(branch=branch) for branch in plan.branches]
    cases = {case.number: case for case in LoanCase.objects.filter(number__in=plan.cases[:MOST_NAMED])}
    _refuse_unknown("cases", [number for number in plan.cases if number not in cases])
    borrowers = Borrower.objects.in_bulk(list(plan.borrowers)[:MOST_NAMED])
    _refuse_unknown("borrowers", [str(number) for number in plan.borrowers if number not in borrowers])
    found += [EngagementPlace(case=case) for case in cases.values()]
    found += [EngagementPlace(borrower=borrower) for borrower in borrowers.values()]
    if not found:
        raise BadInput(
            {"branches": [_("Name at least one branch, case or borrower: an engagement without bounds is none.")]}
        )
    return found


def _refuse_unknown(field: str, names: Sequence[str]) -> None:
    if names:
        raise BadInput({field: [_("There is nothing of this name: %(names)s.") % {"names": ", ".join(names[:5])}]})


def _refuse_times(plan: Plan) -> None:
    if plan.since and plan.until and plan.until < plan.since:
        raise BadInput({"until": [_("The last day lies before the first.")]})
    today = clock.today()
    if not today <= plan.ends <= today + dt.timedelta(days=LONGEST):
        raise BadInput({"ends": [_("Choose a day from today on, at most %(days)s days away.") % {"days": LONGEST}]})


def _purpose(words: str) -> str:
    purpose = words.strip()
    if len(purpose) < 3:
        raise BadInput({"purpose": [_("Say what the audit is for.")]})
    return purpose


def _after(day: dt.date) -> dt.datetime:
    """The institution's midnight after a day."""
    return clock.midnight(day + dt.timedelta(days=1))


def _told(plan: Plan) -> dict[str, object]:
    """The bounds as the log holds them: codes and numbers."""
    bounds = {
        "branches": [branch.code for branch in plan.branches], "cases": list(plan.cases), "borrowers": list(plan.borrowers),
        "since": str(plan.since or ""), "until": str(plan.until or ""),
    }  # fmt: skip
    return {name: value for name, value in bounds.items() if value}
