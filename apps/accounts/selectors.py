"""Reads of accounts: who a typed name means, open sessions, codes left, branches."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.accounts.models import (
    Account,
    AccountKind,
    Branch,
    EmailCode,
    Institution,
    Invitation,
    Passkey,
    Person,
    RecipientKey,
    RecoveryCode,
    Registration,
    SessionRecord,
    TotpDevice,
)
from apps.accounts.ports import Ports
from apps.accounts.rules import ABSOLUTE_LIMIT, EMAIL_CODE_ATTEMPTS, IDLE_LIMIT, digest
from apps.core import clock
from apps.core.memory import remembered
from apps.core.prepared import Prepared
from apps.vault.blind import blind_index, find


def account_named(typed: str) -> Account | None:
    """Account that a typed handle or e-mail address means; ``None`` when none or more than one does."""
    name = typed.strip()
    found = Account.objects.select_related("person").filter(handle=name.lower()).first()
    if found is not None or "@" not in name:
        return found
    people = persons_with_email(name)
    rows = list(Account.objects.select_related("person").filter(person__in=people)[:2]) if people else []
    return rows[0] if len(rows) == 1 else None


def persons_with_email(email: str) -> list[Person]:
    """Persons who have an e-mail address; candidates of the blind index are confirmed."""
    return find("accounts.Person.email", email, Person.objects.all())


def accounts_with_email(email: str) -> list[Account]:
    """Accounts whose person has an e-mail address."""
    return list(Account.objects.select_related("person").filter(person__in=persons_with_email(email)).order_by("id"))


def accounts_likely(email: str) -> list[Account]:
    """Accounts whose person's address has the same blind index; nothing is opened to confirm it, so it takes no time to tell."""
    rows = Account.objects.filter(person__email_index=blind_index("accounts.Person.email", email))
    return list(rows.order_by("id"))


def staff_likely(typed: str) -> Account | None:
    """Active account of staff that a typed handle or e-mail address means: one question, and nothing is opened to confirm it.

    So it takes the same time whether there is one; for what gives nothing to whoever typed it.
    """
    name = typed.strip()
    meant = Q(handle=name.lower()) | Q(person__email_index=blind_index("accounts.Person.email", name))
    rows = list(Account.objects.filter(meant, kind=AccountKind.STAFF, is_active=True).select_related("person")[:2])
    return rows[0] if len(rows) == 1 else None


def account_by_id(account_id: int) -> Account | None:
    """Active account, or ``None``."""
    return Account.objects.select_related("person").filter(pk=account_id, is_active=True).first()


def live_device(account: Account) -> TotpDevice | None:
    """Confirmed authenticator of an account."""
    return TotpDevice.objects.filter(user=account, confirmed=True, retired_at=None).first()


def waiting_device(account: Account) -> TotpDevice | None:
    """Authenticator shown as a QR code but not confirmed yet."""
    return TotpDevice.objects.filter(user=account, confirmed=False, retired_at=None).order_by("-id").first()


def passkeys_of(account: Account) -> list[Passkey]:
    """Passkeys of an account that were not revoked, oldest first."""
    return list(Passkey.objects.filter(user=account, retired_at=None).order_by("id"))


def recipient_key_of(account: Account) -> RecipientKey | None:
    """The key that an account's exports are encrypted to; ``None`` where none is registered."""
    return RecipientKey.objects.filter(account=account, retired_at=None).first()


def recipient_of_account(number: int | None) -> str:
    """The recipient that an account's exports are encrypted to, as it is spelt; empty where none is registered."""
    rows = RecipientKey.objects.filter(account=number, retired_at=None).values_list("recipient", flat=True)
    return rows.first() or ""


def roles_with_passkey() -> frozenset[str]:
    """Roles that need a passkey, as the institution has set it."""
    found = institution()
    return frozenset(found.passkey_roles) if found is not None else frozenset()


def must_use_passkey(account: Account) -> bool:
    """Tell whether a one-time code opens nothing for an account: a role of its person needs a passkey, and it has one."""
    needed = roles_with_passkey()
    return bool(needed) and bool(needed & Ports.roles(account.person_id)) and bool(passkeys_of(account))


def recovery_codes_left(account: Account) -> int:
    """Number of recovery codes that still work."""
    return RecoveryCode.objects.filter(account=account, used_at=None, replaced_at=None).count()


def newest_email_code(account: Account) -> EmailCode | None:
    """Last code sent to an account."""
    return EmailCode.objects.filter(account=account).order_by("-created_at", "-id").first()


def email_code_alive(account: Account) -> bool:
    """Tell whether the code sent last could still be typed."""
    newest = newest_email_code(account)
    if newest is None or newest.used_at is not None or newest.expires_at <= clock.now():
        return False
    return newest.attempts < EMAIL_CODE_ATTEMPTS


def open_invitation(token: str) -> Invitation | None:
    """Invitation of a link, if it can still be used."""
    rows = Invitation.objects.select_related("account__person").filter(digest=digest("invitation", token))
    return rows.filter(used_at=None, withdrawn_at=None, expires_at__gt=clock.now(), account__is_active=True).first()


def registration_alive(token: str) -> bool:
    """Tell whether a registration's link can still be used: never while the institution lets nobody register."""
    rows = Registration.objects.filter(digest=digest("registration", token), used_at=None, expires_at__gt=clock.now())
    return registration_open() and rows.exists()


def registration_open() -> bool:
    """Tell whether borrowers may register by themselves."""
    return Institution.objects.filter(self_registration=True).exists()


def may_enrol(account: Account) -> bool:
    """Tell whether an account without a factor may still set one up: within the life of its last invitation."""
    newest = Invitation.objects.filter(account=account, withdrawn_at=None).order_by("-id").first()
    return account.enrolled_at is None and newest is not None and newest.expires_at > clock.now()


def sessions_open(account: Account) -> list[SessionRecord]:
    """Sessions of an account that could still be used, newest first."""
    now = clock.now()
    rows = SessionRecord.objects.select_related("pulse").filter(
        account=account, ended_at=None, created_at__gt=now - ABSOLUTE_LIMIT, pulse__seen_at__gt=now - IDLE_LIMIT
    )
    return list(rows.order_by("-created_at"))


_INSTITUTION: Prepared[Institution] = Prepared(lambda: Institution.objects.order_by("pk")[:1])


@remembered
def institution() -> Institution | None:
    """The institution, or ``None`` before ``manage.py init``."""
    return _INSTITUTION.first()


def home_zone() -> str | None:
    """Time zone of the institution (an IANA name), or ``None`` before ``manage.py init``."""
    found = institution()
    return found.time_zone if found is not None else None


def branches() -> QuerySet[Branch]:
    """All branches, parents before children."""
    return Branch.objects.select_related("parent").order_by("path")


def staff_accounts() -> QuerySet[Account]:
    """Accounts of staff, by handle."""
    return Account.objects.filter(kind=AccountKind.STAFF).select_related("person").order_by("handle")
