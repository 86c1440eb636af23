"""Signing on with the institution's provider (OpenID Connect) in place of the password; LoanFlow's second factor follows.

Off unless ``LOANFLOW_OIDC_ISSUER`` is set. mozilla-django-oidc speaks the protocol: code flow with state, nonce and PKCE.
What it leaves open is closed here: issuer, audience, times and subject of the token are demanded; who somebody is comes from
the signed token alone; an account is found and never made. See ``docs/decisions/0050-signing-on-with-a-provider.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from apps.accounts import demo, selectors
from apps.accounts.models import Account

DEMANDED = ("iss", "aud", "exp", "iat", "sub")
LEEWAY = 30  # seconds that the provider's clock may differ


class Unproved(SuspiciousOperation):
    """What the provider said proves nobody; ``why`` is a word for the log, ``account`` whom it meant, if known."""

    def __init__(self, why: str, account: Account | None = None) -> None:
        super().__init__(why)
        self.why, self.account = why, account


def is_on() -> bool:
    """Tell whether the institution signs on with a provider."""
    return bool(settings.LOANFLOW_OIDC_ISSUER)


class ProviderBackend(OIDCAuthenticationBackend):
    """Finds the account that a signed token means; raises ``Unproved`` where it means none that may come in."""

    def _verify_jws(self, payload: str, key: Any) -> Any:
        """Verify the signature by the one algorithm agreed on, and that the token is the provider's, for us, in time."""
        try:
            return jwt.decode(
                payload, key, algorithms=[settings.OIDC_RP_SIGN_ALGO], audience=settings.OIDC_RP_CLIENT_ID,
                issuer=settings.LOANFLOW_OIDC_ISSUER, leeway=LEEWAY, options={"require": list(DEMANDED), "strict_aud": True},
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            raise Unproved(type(error).__name__) from None

    def get_or_create_user(self, _access_token: str, _id_token: str, payload: Mapping[str, Any]) -> Account:
        """Return the active, enrolled account of staff whose address the provider has verified; none is made."""
        email = payload.get("email")
        if not isinstance(email, str) or payload.get("email_verified") is not True:
            raise Unproved("email_unverified")
        found = [each for each in selectors.accounts_with_email(email) if each.is_staff_kind]
        if len(found) != 1:
            raise Unproved("unknown")
        account = found[0]
        if not account.is_active or not demo.allowed(account):
            raise Unproved("suspended", account)
        if account.enrolled_at is None:  # whoever is invited, or lost a factor, comes in by the link to their mailbox
            raise Unproved("not_enrolled", account)
        return account

    def authenticate(self, request: Any, **kwargs: Any) -> Account | None:
        """Ask the provider for the token of a code, and find whom it means.

        The library's own would swallow why somebody was not found.
        """
        self.request = request
        nonce, verifier = kwargs.get("nonce"), kwargs.get("code_verifier")
        if not nonce or not verifier:
            return None
        token = self.get_token(self._asked(request, verifier))
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise Unproved("no_token")
        try:
            payload = self.verify_token(id_token, nonce=nonce)
        except Unproved:
            raise
        except SuspiciousOperation as error:
            raise Unproved("nonce" if "Nonce" in str(error) else "key") from None
        return self.get_or_create_user("", id_token, payload)

    def _asked(self, request: Any, verifier: str) -> dict[str, str]:
        return {
            "client_id": self.OIDC_RP_CLIENT_ID, "client_secret": self.OIDC_RP_CLIENT_SECRET,
            "grant_type": "authorization_code", "code": str(request.GET.get("code", "")), "code_verifier": verifier,
            "redirect_uri": callback_address(request),
        }  # fmt: skip


def callback_address(request: Any) -> str:
    """Where the provider sends a browser back to."""
    return str(request.build_absolute_uri(reverse(settings.OIDC_AUTHENTICATION_CALLBACK_URL)))
