"""How far people have looked through the news of their cases: they say so themselves, and nothing is lost by opening a page."""

from __future__ import annotations

from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.models import HomeMark
from apps.core.actor import Actor
from apps.workflow.selectors.news import newest_step


def mark_of(actor: Actor) -> int | None:
    """Number of the newest step that the account has seen; ``None`` for one that has never said so."""
    return HomeMark.objects.filter(account_id=actor.account_id or 0).values_list("step", flat=True).first()


@act
def news_seen(*, actor: Actor, upto: int) -> None:
    """Take the news up to a step as seen; the mark moves forward only, and never past what has happened."""
    account = Account.objects.select_for_update().get(pk=actor.account_id or 0)
    mark = HomeMark.objects.filter(account=account).first() or HomeMark(account=account)
    step = min(upto, newest_step())
    if mark.pk is not None and step <= mark.step:
        return
    mark.step = step
    mark.save()
    record(Tag.NEWS_SEEN, actor=actor, subject=mark)
