"""Demo people: they exist in demo mode only, and their sign-in page fills itself in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules, selectors
from apps.accounts.models import Account
from apps.core import clock
from apps.core.errors import Refused

DEMO = "demo"
SENDING = 3
"""Seconds that a code which is handed out has to live at least."""
Describe = Callable[[Iterable[Account]], dict[int, str]]
Starts = Callable[[], Sequence[tuple[str, Any]]]


class Port:
    """Words for the roles and branches of accounts by id, which access fills, and whom to begin with, which console fills:
    both are floors above.
    """

    describe: Describe = staticmethod(lambda _accounts: {})
    starts: Starts = staticmethod(lambda: ())


def is_on() -> bool:
    """Tell whether this is a demo."""
    return str(settings.LOANFLOW_MODE) == DEMO


def allowed(account: Account) -> bool:
    """Tell whether an account may be used in this mode at all."""
    return is_on() or not account.demo


def require() -> None:
    """Raise ``Refused`` outside demo mode."""
    if not is_on():
        raise Refused("demo", _("Demo people exist in demo mode only."))


def password_of(handle: str) -> str:
    """Password of a demo person, derived from this installation's secret so that none is stored."""
    return f"demo-{salted_hmac('loanflow.demo', handle).hexdigest()[:20]}"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One line of the sign-in page's list."""

    handle: str
    words: str
    does: Any = ""


def starts(everybody: Iterable[DemoPerson]) -> list[DemoPerson]:
    """The few to begin with, each with what there is to do."""
    known = {person.handle: person for person in everybody}
    told = Port.starts() if known else ()
    return [replace(known[handle], does=does) for handle, does in told if handle in known]


def people() -> list[DemoPerson]:
    """Demo people with their roles and branches; none outside demo mode."""
    if not is_on():
        return []
    rows = list(Account.objects.filter(demo=True, is_active=True).order_by("-kind", "handle"))
    words = Port.describe(rows)
    return [DemoPerson(row.handle, words.get(row.pk, "")) for row in rows]


def person(handle: str) -> Account | None:
    """Demo person with a handle; ``None`` outside demo mode."""
    rows = Account.objects.select_related("person").filter(demo=True, is_active=True, handle=handle)
    return rows.first() if is_on() else None


def one_time_code(account: Account) -> str:
    """Present code of a demo person's authenticator; ``""`` where it was used, or dies before a form is sent."""
    require()
    device = selectors.live_device(account)
    step = rules.current_step(clock.now())
    if device is None or step <= device.last_step or seconds_to_next_code() < SENDING:
        return ""
    return rules.code_at_step(device.secret.reveal(), step)


def seconds_to_next_code() -> int:
    """Seconds until the authenticator moves on."""
    return rules.TOTP_PERIOD - int(clock.now().timestamp()) % rules.TOTP_PERIOD


def strays() -> int:
    """Number of demo accounts where there must be none."""
    return 0 if is_on() else Account.objects.filter(demo=True).count()
