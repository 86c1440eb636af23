"""The part of a page that asks for a passkey, and what comes back with its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.accounts import browser, selectors
from apps.accounts.models import Account
from apps.accounts.passkeys import ceremony
from apps.accounts.services.passkeys import challenge_seal

CHALLENGE = "passkey_challenge"
ANSWER = "passkey_answer"
MADE_OVER, MADE = "passkey_made_over", "passkey_made"
"""A new passkey is no factor yet: the gate, which proves factors, leaves it alone."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What ``accounts/passkey.html`` shows. ``options`` go to the browser; ``elsewhere`` is the page's address where passkeys
    work, if they do not here; ``none`` says that the account has none."""

    options: str = ""
    sealed: str = ""
    elsewhere: str = ""
    none: bool = False


def works_at(host: str) -> bool:
    """Tell whether a host's pages may use our passkeys: those of the name they are bound to, or of one below it."""
    name, own = _split(host)[0], settings.LOANFLOW_PASSKEY_HOST
    return bool(own) and (name == own or name.endswith(f".{own}"))


def elsewhere(request: Any) -> str:
    """The same page at the name that passkeys are bound to; ``""`` where they work, and where nothing is known."""
    own, host = settings.LOANFLOW_PASSKEY_HOST, request.get_host()
    if not own or works_at(host):
        return ""
    path = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return f"{request.scheme}://{own}{_split(host)[1]}{path}"


def _split(host: str) -> tuple[str, str]:
    """A host's name and its port with the colon, if it names one."""
    name, colon, port = host.rpartition(":")
    return (name, f":{port}") if colon and port.isdigit() else (host, "")


def asked(request: Any, account: Account, *, over: str = "") -> Ask | None:
    """Ask for a passkey of an account; ``over`` is a decision's fingerprint, without it a challenge is made and sealed.

    ``None`` where the account is no member of staff's, or the installation has no passkeys.
    """
    if not account.is_staff_kind or not settings.LOANFLOW_PASSKEY_HOST:
        return None
    known = [(each.credential, each.transports) for each in selectors.passkeys_of(account)]
    if not known:
        return Ask(none=True)
    if away := elsewhere(request):
        return Ask(elsewhere=away)
    challenge, sealed = (bytes.fromhex(over), "") if over else challenge_seal(account, "prove")
    return Ask(ceremony.request_options(known=known, challenge=challenge), sealed)


def answered(request: Any) -> tuple[str, str] | None:
    """The sealed challenge and the answer that came with a form; ``None`` where no passkey was used."""
    sealed, answer = request.POST.get(CHALLENGE, ""), request.POST.get(ANSWER, "")
    return (sealed, answer) if sealed and answer else None


def signed(request: Any) -> str:
    """What a passkey has signed over the decision that a page showed; ``""`` where none has.

    It steps the session up, so the browser's key changes with it.
    """
    answer = str(request.POST.get(ANSWER, ""))
    if answer:
        browser.renew(request)
    return answer


def made(request: Any) -> tuple[str, str]:
    """The sealed challenge and the new passkey that came with a form."""
    return request.POST.get(MADE_OVER, ""), request.POST.get(MADE, "")
