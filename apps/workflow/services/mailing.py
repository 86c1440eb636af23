"""Notices by mail: who wants which, and the job that sends them. A mail names cases by their number and says nothing else."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.actors import actor_of
from apps.access.services import authorize
from apps.accounts.models import Account
from apps.accounts.selectors import home_zone
from apps.accounts.senders import Origin, send_on_commit
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase, Notice, NoticePreference, Rhythm
from apps.workflow.notice_kinds import GROUPS, of_groups
from apps.workflow.quiet import daily_moment, is_quiet
from apps.workflow.selectors.scope import among_visible

TEMPLATE = "notices"
MOST_TOLD, MOST_NAMED, BATCH = 200, 20, 200

logger = logging.getLogger(__name__)


def preference_of(actor: Actor) -> NoticePreference | None:
    """What the actor's account has chosen; ``None`` for one that gets no mail."""
    return NoticePreference.objects.filter(account_id=actor.account_id or 0).first()


@act
def preference_save(*, actor: Actor, values: Mapping[str, Any], site: str) -> NoticePreference:
    """Keep what an account chooses. A kind that is newly chosen begins now: what waits under the bell already is not mailed."""
    authorize(actor, Permission.CASE_VIEW)
    account = Account.objects.select_for_update().get(pk=actor.account_id or 0)
    found = NoticePreference.objects.filter(account=account).first()
    preference = found or NoticePreference(account=account, since=clock.now())
    if any(values[group] and not getattr(preference, group) for group in GROUPS):
        preference.since = clock.now()
    for name, value in values.items():
        setattr(preference, name, value)
    preference.site = site
    preference.save()
    record(Tag.NOTICES_CHOSEN, actor=actor, subject=preference)
    return preference


def notices_mail(actor: Actor) -> int:
    """Send every mail that is due; returns how many. One that fails keeps no other back."""
    home = home_zone() or "UTC"
    return sum(_alone(actor, preference, home) for preference in _asked())


def _asked() -> Iterator[NoticePreference]:
    """Preferences of accounts in use for which some notice waits that they want by mail, in batches."""
    unread = Notice.objects.filter(
        person=OuterRef("account__person"), read_at=None, mailed_at=None, created_at__gte=OuterRef("since")
    )
    wanted = Q(pk__in=[])
    for group in GROUPS:
        wanted |= Q(Exists(unread.filter(of_groups([group]))), **{group: True})
    rows, last = NoticePreference.objects.filter(wanted, account__is_active=True).order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _alone(actor: Actor, preference: NoticePreference, home: str) -> bool:
    if not is_due(preference, clock.now(), home):
        return False
    try:
        return notice_mail(actor=actor, preference=preference, home=home)
    except Exception:  # of whatever kind: the next account waits for its own mail
        logger.exception("notices of account left out: %s", preference.account_id)
        return False


def is_due(preference: NoticePreference, moment: dt.datetime, home: str) -> bool:
    """Tell whether a mail may go out now: not in the quiet hours, and once a day where one mail a day is wished.

    ``home`` is the institution's zone, for who has named none.
    """
    zone = preference.zone or home
    if is_quiet(moment, zone, preference.quiet_from, preference.quiet_until):
        return False
    if preference.rhythm == Rhythm.NOW:
        return True
    return (preference.last_mail_at or preference.since) < daily_moment(moment, zone, preference.daily_at)


@act
def notice_mail(*, actor: Actor, preference: NoticePreference, home: str) -> bool:
    """Send one account what waits, once: its notices are marked under the lock of the preference. Returns whether it was so."""
    authorize(actor, Permission.CASE_EXPIRE)
    rows = NoticePreference.objects.select_for_update(of=("self",)).select_related("account__person")
    locked, now = rows.get(pk=preference.pk), clock.now()
    notices = list(_waiting(locked)[:MOST_TOLD])
    if not notices or not is_due(locked, now, home):
        return False
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
    locked.last_mail_at = now
    locked.save(update_fields=["last_mail_at"])
    numbers = _numbers(locked.account, notices)
    record(Tag.NOTICE_SENT, actor=actor, subject=locked, note={"cases": len(numbers)})
    _send(locked, numbers, locked.site, 0)
    return bool(numbers)


def _waiting(preference: NoticePreference) -> QuerySet[Notice]:
    """Unread notices of the kinds that are wanted by mail, not mailed yet, oldest first."""
    wanted = of_groups(group for group in GROUPS if getattr(preference, group))
    rows = Notice.objects.filter(person=preference.account.person_id, read_at=None, mailed_at=None)
    return rows.filter(wanted, created_at__gte=preference.since).order_by("pk") if wanted is not None else rows.none()


def _numbers(account: Account, notices: list[Notice]) -> list[str]:
    """Numbers of the notices' cases that the account may still see."""
    ids = among_visible(actor_of(account), {notice.case_id for notice in notices if notice.case_id is not None})
    return list(LoanCase.objects.filter(pk__in=ids).order_by("number").values_list("number", flat=True))


def _send(preference: NoticePreference, numbers: list[str], site: str, attempt: int) -> None:
    if numbers:
        context: dict[str, object] = {
            "numbers": numbers[:MOST_NAMED], "more": max(0, len(numbers) - MOST_NAMED), "first": numbers[0], "count": len(numbers), "site": site,
        }  # fmt: skip
        send_on_commit(preference.account, TEMPLATE, context, Origin(preference.pk, site, attempt))


def notices_mail_again(preference_id: int, site: str, attempt: int) -> None:
    """Send again a mail that failed, as far as its notices are still unread and its account in use."""
    rows = NoticePreference.objects.select_related("account__person").filter(account__is_active=True)
    preference = rows.filter(pk=preference_id).first()
    if preference is None or preference.last_mail_at is None:
        return
    told = Notice.objects.filter(person=preference.account.person_id, read_at=None, mailed_at=preference.last_mail_at)
    _send(preference, _numbers(preference.account, list(told[:MOST_TOLD])), site, attempt)
