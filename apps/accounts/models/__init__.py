"""The rows of accounts, by concern."""

from apps.accounts.models.drafts import Draft, SentForm
from apps.accounts.models.entry import FailureCount, Invitation, Registration
from apps.accounts.models.factors import EmailCode, RecoveryCode, TotpDevice
from apps.accounts.models.passkeys import Passkey, PasskeyAssertion, SpentChallenge
from apps.accounts.models.people import Account, AccountKind, AccountManager, Language, Person
from apps.accounts.models.places import Branch, Institution
from apps.accounts.models.recipients import RecipientKey
from apps.accounts.models.sessions import SessionPulse, SessionRecord

__all__ = [
    "Account",
    "AccountKind",
    "AccountManager",
    "Branch",
    "Draft",
    "EmailCode",
    "FailureCount",
    "Institution",
    "Invitation",
    "Language",
    "Passkey",
    "PasskeyAssertion",
    "Person",
    "RecipientKey",
    "RecoveryCode",
    "Registration",
    "SentForm",
    "SessionPulse",
    "SessionRecord",
    "SpentChallenge",
    "TotpDevice",
]
