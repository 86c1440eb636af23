"""Django configuration of the accounts app."""

from functools import partial

from django.apps import AppConfig
from django.core import checks


class AccountsConfig(AppConfig):
    """Registers the accounts app, its check of demo people, where drafts lie, the institution's time zone and how messages are made again."""

    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Look for demo people before any command runs; tell the clock where the institution is."""
        from apps.accounts.checks import check_breached_list, check_demo_people
        from apps.accounts.drafts import Drafts, SentForms
        from apps.accounts.selectors import home_zone
        from apps.accounts.senders import EVERYWHERE, ONCE, SMS, renewal_of, word_send_again
        from apps.accounts.services.factors import email_code_again
        from apps.accounts.services.invitations import invitation_mail_again
        from apps.accounts.tasks import RENEWALS
        from apps.core import clock, drafting, once

        drafting.Port.store, once.Port.claims = Drafts(), SentForms()
        clock.ask_home_zone(home_zone)
        checks.register(check_demo_people)
        checks.register(check_breached_list)
        RENEWALS.update(
            invitation=invitation_mail_again,
            invitation_borrower=invitation_mail_again,
            code=email_code_again,
            invitation_reset=invitation_mail_again,
        )
        RENEWALS.update({template: partial(word_send_again, template) for template in (*ONCE, *EVERYWHERE)})
        RENEWALS.update(
            {renewal_of(template, SMS): partial(word_send_again, template, by=SMS) for template in EVERYWHERE}
        )
