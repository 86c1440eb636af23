"""One line of a way to payout, as data, and its words in the reader's language."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.administration import Change
from apps.access.duties import Duty
from apps.access.roles import Role
from apps.core.permission_words import WORDS
from apps.core.permissions import Permission
from apps.workflow.process import Event, Who
from apps.workflow.registry import guards
from apps.workflow.states import State

SOMEBODY_INVENTED = "*"
"""Stands for an account behind which there is no colleague."""

CHANGES: dict[Change, Any] = {
    Change.INVITE: gettext_lazy("invites people who do not exist, at mailboxes of their own"),
    Change.REINVITE: gettext_lazy("takes the link that was meant for a colleague"),
    Change.ROLE: gettext_lazy("gives them roles that decide nothing"),
    Change.POWERFUL_ROLE: gettext_lazy("asks for powerful roles for them"),
    Change.FACTOR_RESET: gettext_lazy("asks for a new factor in place of a colleague's"),
    Change.SUSPEND: gettext_lazy("suspends the administrators who are in the way"),
    Change.RECOVER: gettext_lazy("has people invented made administrators by command, where too few are left"),
    Change.MAILBOX: gettext_lazy("puts a mailbox of their own in place of a colleague's"),
}


class Line(NamedTuple):
    """What happens (``kind``), who does it (a letter, ``*``, or a kind of principal), and what with."""

    kind: str
    who: str
    what: str = ""
    source: str = ""
    target: str = ""
    duty: str = ""
    instead_of: str = ""


def words(line: Line) -> str:
    """A line as a sentence."""
    return str(_SENTENCES[line.kind](line))


def _who(who: str) -> str:
    if who == SOMEBODY_INVENTED:
        return _("Somebody invented")
    named = {
        Who.BORROWER.value: _("The borrower"),
        Who.SYSTEM.value: _("The system"),
        "": _("An unsuspecting colleague"),
    }
    return named.get(who, who)


def _step(line: Line) -> str:
    text = _("%(who)s: %(what)s") % {"who": _who(line.who), "what": Event(line.what).label}
    if line.target and line.target != line.source:
        text = _("%(text)s → %(state)s") % {"text": text, "state": State(line.target).label}
    if line.instead_of:
        text = _("%(text)s, for %(whom)s") % {"text": text, "whom": _other(line.instead_of)}
    return _("%(text)s (%(duty)s)") % {"text": text, "duty": Duty(line.duty).label} if line.duty else text


def _other(who: str) -> str:
    return _("an unsuspecting colleague") if who == "?" else who


def _guard(line: Line) -> str:
    label = guards[line.what].label if line.what in guards else line.what.replace("_", " ")
    text = _("%(who)s sees to it: %(what)s") % {"who": _who(line.who), "what": label}
    return _("%(text)s (%(duty)s)") % {"text": text, "duty": Duty(line.duty).label} if line.duty else text


def _change(line: Line) -> str:
    return _("%(who)s %(what)s") % {"who": _who(line.who), "what": CHANGES[Change(line.what)]}


def _agree(line: Line) -> str:
    what = WORDS[Permission(line.what)]
    return _("%(who)s agrees: %(what)s") % {"who": _who(line.who), "what": what}


def _enrol(_line: Line) -> str:
    return _("They enrol factors of their own for the people they invented")


def _stand(line: Line) -> str:
    return _("%(who)s stands behind it with a one-time code") % {"who": _who(line.who)}


def _hand(line: Line) -> str:
    given = {"who": _who(line.who), "role": Role(line.what).label, "whom": _who(line.target)}
    return _("%(who)s hands a right for a time: %(role)s") % given


_SENTENCES = {
    "step": _step,
    "guard": _guard,
    "change": _change,
    "agree": _agree,
    "enrol": _enrol,
    "hand": _hand,
    "stand": _stand,
}
