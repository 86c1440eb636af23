"""Django configuration of the post_loan app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostLoanConfig(AppConfig):
    """Registers guards and policies, and opens a loan when a payment is confirmed; tells collateral what is owed."""

    name = "apps.post_loan"
    label = "post_loan"

    def ready(self) -> None:
        """Connect post-loan to the floors below."""
        from apps.accounts.drafts.subjects import tell
        from apps.borrowers.registry import Keeper, keep
        from apps.collateral import registry as collateral
        from apps.core.gathered import hang
        from apps.core.permissions import Permission
        from apps.disbursement.ports import ask_loans, when_paid
        from apps.post_loan import guards  # noqa: F401
        from apps.post_loan.keeping import borrower_of_loan, with_loans
        from apps.post_loan.models import Loan
        from apps.post_loan.panels import loans, standing
        from apps.post_loan.policies import register_policies
        from apps.post_loan.services.closing import TO_RELEASE, complete_after_release, still_owed
        from apps.post_loan.services.netting import repaid_of, to_net
        from apps.post_loan.services.opening import loan_of_payment
        from apps.workflow.keeping import borrower_of_number
        from apps.workflow.models import LoanCase
        from apps.workflow.registry import Panel, show
        from apps.workflow.templatetags.casework import WORDS

        keep("loans", Keeper(_("A loan of the borrower runs, or was closed too recently."), with_loans))
        WORDS[TO_RELEASE] = _("collateral to release")
        show(Panel("loans", "post_loan/panel_loans.html", loans, Permission.LOAN_VIEW, order=4))
        show(Panel("standing", "post_loan/panel_standing.html", standing, Permission.CREDIT_VIEW, order=45))
        tell({"post_loan:number": borrower_of_loan, "post_loan:facility_close:number": borrower_of_number})
        register_policies()
        hang(LoanCase, {Loan: "case"})
        when_paid(loan_of_payment)
        ask_loans(repaid=repaid_of, to_net=to_net)
        collateral.before_release.append(still_owed)
        collateral.after_release.append(complete_after_release)
