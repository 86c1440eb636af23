"""What a reset of lost factors does to an account. Who may have it done is decided above, in ``access.services.resetting``."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from apps.accounts.models import Account, RecoveryCode, TotpDevice
from apps.accounts.services.passkeys import passkeys_retire_all
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor


@act
def factors_drop(*, actor: Actor, account: Account) -> tuple[Account, dt.datetime]:
    """Take away every factor of an account and its password, and end the sessions; the caller's act records it.

    Returns the account, and from when its person signs and releases again: ``LOANFLOW_RESET_HOURS`` from now. Only a
    link to the mailbox on file opens it again.
    """
    now = clock.now()
    current = Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=account.pk)
    sessions_end_of_person(actor=actor, person=current.person, reason="factor_reset")
    passkeys_retire_all(actor=actor, account=current, reason="reset")
    for device in TotpDevice.objects.select_for_update().filter(user=current, retired_at=None):
        device.retired_at = now
        device.save(update_fields=["retired_at"])
    for code in RecoveryCode.objects.select_for_update().filter(account=current, used_at=None, replaced_at=None):
        code.replaced_at = now
        code.save(update_fields=["replaced_at"])
    current.set_unusable_password()  # whoever knows the old one would set up a factor without the link
    until = now + dt.timedelta(hours=settings.LOANFLOW_RESET_HOURS)
    current.enrolled_at, current.signs_from = None, until
    current.save(update_fields=["password", "enrolled_at", "signs_from"])
    return current, until
