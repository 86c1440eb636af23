"""The review of rights: opened by an administrator or the clock, answered line by line, and closed with a signed report.

Who answers a line is the person's manager; for managers, and for who has none, any administrator. Nobody answers their own.
What nobody has answered by the deadline is ended. A block is never lifted by it: a review takes rights away and opens nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.ports import Ports
from apps.access.rights import able
from apps.access.selectors import accounts_who_can
from apps.access.services import authorize, can
from apps.access.services.delegating import delegations_withdraw
from apps.access.services.demands import fresh, in_person, reason_fit
from apps.access.services.granting import role_withdraw
from apps.accounts.models import Institution
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.review_rows import LineKind, ReviewLine, RightsReview, Verdict
from apps.console.rights_gathering import lines_gather
from apps.console.rights_report import report_sign
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow.services.sharing import share_withdraw

TIME = dt.timedelta(days=21)
"""How long reviewers have."""
REMIND = dt.timedelta(days=7)
ASKED, ENDING, REVOKED = "review_asked_of_rights", "review_ending", "review_revoked"
RELATED = ("person__key_owner", "grant__branch", "grant__person", "delegation", "share__content_object", "block__case")
MOST = 500
"""Lines answered at once."""


def review_current() -> RightsReview | None:
    """The review that is not closed yet, or ``None``."""
    return RightsReview.objects.filter(closed_at=None).order_by("-pk").first()


@act
def review_open(*, actor: Actor) -> RightsReview:
    """Open a review of everything in force; raises ``BadInput`` while another is open."""
    if not actor.is_system:
        in_person(actor)
        authorize(actor, Permission.ROLE_GRANT)
        fresh(actor, Permission.ROLE_GRANT)
    list(Institution.objects.select_for_update())  # one at a time
    if review_current() is not None:
        raise BadInput(_("A review is open already."))
    made = RightsReview.objects.create(opened_by_id=actor.person_id, deadline=clock.now() + TIME)
    lines = sorted(lines_gather(), key=lambda line: (line.person_id, line.kind))
    for line in lines:
        line.review = made
    ReviewLine.objects.bulk_create(lines)
    Ports.tell(_reviewers(made), ASKED)
    note = {"lines": len(lines), "deadline": made.deadline.isoformat()}
    record(Tag.RIGHTS_REVIEW_OPENED, actor=actor, subject=made, note=note)
    return made


@act
def lines_answer(
    *, actor: Actor, review: RightsReview, lines: Iterable[UUID], verdict: str, reason: str
) -> list[ReviewLine]:
    """Keep or revoke lines, all or none, with one reason; what is revoked ends now. Raises ``BadInput``, ``Refused``, ``NotVisible``."""
    in_person(actor)
    authorize(actor, Permission.RIGHT_ASK)
    fresh(actor, Permission.RIGHT_ASK)
    current = RightsReview.objects.select_for_update().get(pk=review.pk)
    if not current.is_open:
        raise BadInput(_("This review is over: nothing can be answered any more."))
    words = reason_fit(reason)
    rows = _mine(actor, current, set(lines))
    if verdict == Verdict.REVOKE:
        for row in rows:
            _end(actor, row, words)
    elif verdict != Verdict.KEEP:
        raise BadInput({"verdict": [_("Choose to keep or to revoke.")]})
    for row in rows:
        row.verdict, row.reason = verdict, words
        row.decided_by_id, row.decided_at = actor.person_id, clock.now()
        row.save(update_fields=["verdict", "reason", "decided_by", "decided_at"])
    note = {"verdict": str(verdict), "lines": [row.pk for row in rows]}
    record(Tag.RIGHTS_REVIEWED, actor=actor, subject=current, note=note)
    return rows


@act
def review_close(*, actor: Actor, review: RightsReview) -> RightsReview:
    """Close a review and sign its report: at the deadline, with what is unanswered suspended; before it once all is answered."""
    if not actor.is_system:
        in_person(actor)
        authorize(actor, Permission.ROLE_GRANT)
        fresh(actor, Permission.ROLE_GRANT)
    current = RightsReview.objects.select_for_update().get(pk=review.pk)
    if current.closed_at is not None:
        raise BadInput(_("This review is closed already."))
    unanswered = list(_locked(current.lines.filter(verdict=Verdict.OPEN)))
    if unanswered and current.is_open:
        raise BadInput(_("Lines are still unanswered. The review closes by itself at its deadline."))
    for row in unanswered:
        row.verdict, row.decided_at = _fall(actor, row), clock.now()
        row.save(update_fields=["verdict", "decided_at"])
    current.closed_at = clock.now()
    current.report = report_sign(actor, current)
    current.save(update_fields=["closed_at", "report"])
    note = {"suspended": sum(row.verdict == Verdict.SUSPENDED for row in unanswered), "lines": current.lines.count()}
    record(Tag.RIGHTS_REVIEW_CLOSED, actor=actor, subject=current, note=note)
    return current


def lines_for(actor: Actor, review: RightsReview) -> QuerySet[ReviewLine]:
    """Lines that this very person answers: their people's, and for an administrator those of managers and of who has none,
    or none any more.
    """
    mine = Q(reviewer_id=actor.person_id)
    if can(actor, Permission.ROLE_GRANT):
        waiting = review.lines.filter(verdict=Verdict.OPEN).exclude(reviewer=None)
        named = set(waiting.values_list("reviewer_id", flat=True).distinct())
        mine |= Q(reviewer=None) | Q(reviewer_id__in=named - able(named))
    if actor.is_deputy:
        return ReviewLine.objects.none()
    return review.lines.filter(mine).exclude(person_id=actor.person_id or 0)


def reviews_go_on(actor: Actor) -> int:
    """What time does: remind a week before the deadline, close at it, and open the next one; returns how many of these."""
    done = 0
    current = review_current()
    if current is not None and current.deadline <= clock.now():
        review_close(actor=actor, review=current)
        done += 1
    elif current is not None and current.reminded_at is None and current.deadline - REMIND <= clock.now():
        done += _remind(actor=actor, review=current)
    elif current is None and _is_due():
        review_open(actor=actor)
        done += 1
    return done


def _is_due() -> bool:
    days = settings.LOANFLOW_RIGHTS_REVIEW_DAYS
    if days <= 0:
        return False
    newest = RightsReview.objects.order_by("-pk").first() or Institution.objects.first()
    return newest is not None and newest.created_at <= clock.now() - dt.timedelta(days=days)


@act
def _remind(*, actor: Actor, review: RightsReview) -> int:
    current = RightsReview.objects.select_for_update().get(pk=review.pk)
    if current.reminded_at is not None:
        return 0
    current.reminded_at = clock.now()
    current.save(update_fields=["reminded_at"])
    Ports.tell(_reviewers(current), ENDING)
    record(Tag.RIGHTS_REVIEW_REMINDED, actor=actor, subject=current)
    return 1


def _reviewers(review: RightsReview) -> list[int]:
    waiting = review.lines.filter(verdict=Verdict.OPEN)
    named = set(waiting.exclude(reviewer=None).values_list("reviewer_id", flat=True))
    if waiting.filter(reviewer=None).exists():
        named |= set(accounts_who_can(Permission.ROLE_GRANT, None).values_list("person_id", flat=True))
    return sorted(each for each in named if each is not None)


def _mine(actor: Actor, review: RightsReview, wanted: set[UUID]) -> list[ReviewLine]:
    if not wanted or len(wanted) > MOST:
        raise BadInput(_("Choose at least one line, and at most %(most)s.") % {"most": MOST})
    rows = list(_locked(lines_for(actor, review).filter(uuid__in=wanted)))
    if len(rows) < len(wanted):
        raise NotVisible(subject=review, action=Tag.RIGHTS_REVIEWED)
    if any(row.verdict for row in rows):
        raise BadInput(_("One of these was answered already. Look again."))
    return rows


def _locked(rows: QuerySet[ReviewLine]) -> QuerySet[ReviewLine]:
    return rows.select_for_update(of=("self",)).select_related(*RELATED).order_by("pk")


def _end(actor: Actor, row: ReviewLine, reason: str) -> None:
    """End what a line is about; ``BadInput`` or ``Refused`` where that may not be."""
    if row.kind == LineKind.BLOCK:
        raise BadInput(_("A block is lifted on the page of its case, by who may. A review opens nothing to anybody."))
    if row.until is not None and row.until <= clock.now():
        return
    if row.grant is not None:
        role_withdraw(actor=actor, grant=row.grant, reason=reason)
    elif row.delegation is not None:
        delegations_withdraw(actor=actor, rows=[row.delegation])
    elif row.share is not None:
        share_withdraw(actor=actor, row=row.share)
    Ports.tell([row.person_id], REVOKED)


def _fall(actor: Actor, row: ReviewLine) -> Verdict:
    """End what nobody has answered. A block, and the last right of its kind, stay: the report says so."""
    if row.until is not None and row.until <= clock.now():
        return Verdict.GONE
    try:
        _end(actor, row, "unanswered in the review of rights")
    except (BadInput, Refused):
        return Verdict.STAYS
    return Verdict.SUSPENDED


def progress(reviews: Sequence[RightsReview]) -> dict[int, dict[str, int]]:
    """How many lines of each review have which verdict, and how many there are (``all``); one query."""
    found: dict[int, dict[str, int]] = {review.pk: {"all": 0, "answered": 0} for review in reviews}
    rows = ReviewLine.objects.filter(review__in=reviews).values_list("review_id", "verdict")
    for review, verdict, lines in rows.annotate(lines=Count("pk")).order_by():
        counts = found[review]
        counts["all"] += lines
        counts["answered"] += lines if verdict != Verdict.OPEN else 0
        counts[verdict or "open"] = lines
    return found
