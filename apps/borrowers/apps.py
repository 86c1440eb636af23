"""Django configuration of the borrowers app."""

from django.apps import AppConfig


class BorrowersConfig(AppConfig):
    """Registers policies and tells access of ties and portal accounts."""

    name = "apps.borrowers"
    label = "borrowers"

    def ready(self) -> None:
        """Connect borrowers to the lower floors."""
        from apps.accounts.drafts.subjects import tell, tell_forgotten
        from apps.accounts.models import Account
        from apps.borrowers.keeping import is_forgotten, register_keepers
        from apps.borrowers.models import BankAccount, Borrower, BorrowerAccess, Interest, Party
        from apps.borrowers.policies import register_policies
        from apps.core.gathered import hang
        from apps.core.text import whole_number
        from apps.core.together import Through

        register_policies()
        register_keepers()
        tell_forgotten(is_forgotten)
        tell(
            {
                "borrowers:pk": int,
                "console:borrower": int,
                "portal:borrower": int,
                "applications:new:borrower": whole_number,
            }
        )
        hang(
            Borrower,
            dict.fromkeys((Party, Interest, BankAccount, BorrowerAccess), "borrower"),
            (Account, Through(BorrowerAccess, "account", "borrower")),
        )
