"""After a recovery code: it is told by every way, and what it alone has set up signs nothing for a day.

A code is proof that somebody has a sheet of paper. Whoever found a colleague's, and knows the password, is to gain nothing
before its owner, and whoever may suspend, have heard of it and had time to act.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from apps.accounts import rules
from apps.accounts.models import Account
from apps.accounts.ports import Ports
from apps.accounts.senders import word_send_everywhere
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor, Factor

USED, DONE, WATCHED = "recovery_used", "recovery_done", "recovery_watched"


def just_recovered(actor: Actor) -> bool:
    """Tell whether a recovery code was used a moment ago, in place of factors that are lost, and here."""
    age = actor.factor_age(clock.now())
    recent = age is not None and age <= rules.SIGNING_IN_LIFE
    return actor.factor is Factor.RECOVERY and recent and not actor.displaced


def rests_on_recovery(actor: Actor) -> bool:
    """Tell whether what somebody sets up rests on a recovery code. Whether it may is asked before (``just_recovered``); the
    code's age, which can run out in between, changes nothing about what follows.
    """
    return actor.factor is Factor.RECOVERY


@act
def recovery_told(*, actor: Actor, account: Account) -> None:
    """Tell a person by every way that one of their recovery codes was used; the caller's act records it."""
    word_send_everywhere(account, USED)
    Ports.tell([account.person_id], USED)


@act
def recovery_hold(*, actor: Actor, account: Account) -> dt.datetime:
    """Hold an account back whose new factor rests on a recovery code alone; the caller's act records it.

    Until the moment returned, ``LOANFLOW_RESET_HOURS`` from now, its person neither signs, pays, exports nor administers.
    Its other sessions end. The person is told by every way, and so is whoever may suspend.
    """
    until = clock.now() + dt.timedelta(hours=settings.LOANFLOW_RESET_HOURS)
    sessions_end_of_person(actor=actor, person=account.person, reason="recovered", keep=actor.session)
    Account.objects.select_for_update().only("pk").get(pk=account.pk)
    account.signs_from = max(filter(None, (account.signs_from, until)))
    account.save(update_fields=["signs_from"])
    word_send_everywhere(account, DONE)
    Ports.tell([account.person_id], DONE)
    Ports.tell(sorted(Ports.watchers() - {account.person_id}), WATCHED)
    return account.signs_from
