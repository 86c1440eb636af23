"""Forms that were sent: claimed before their service runs, in a transaction of their own, so that two at once are one."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.accounts.models import SentForm
from apps.core.actor import Actor


class SentForms:
    """Claims of the account that acts."""

    def claim(self, actor: Actor, key: str) -> str | None:
        """Claim what is sent; ``None`` for the first, else where the first led to."""
        try:
            with transaction.atomic():
                SentForm.objects.create(account_id=actor.account_id or 0, key=key)
        except IntegrityError:
            return self.known(actor, key) or ""
        return None

    def known(self, actor: Actor, key: str) -> str | None:
        """Return where it led, if it was claimed."""
        return SentForm.objects.filter(account_id=actor.account_id or 0, key=key).values_list("url", flat=True).first()

    def done(self, actor: Actor, key: str, url: str) -> None:
        """Remember where it led."""
        SentForm.objects.filter(account_id=actor.account_id or 0, key=key).update(url=url[:400])

    def release(self, actor: Actor, key: str) -> None:
        """Let it be sent again."""
        SentForm.objects.filter(account_id=actor.account_id or 0, key=key).delete()
