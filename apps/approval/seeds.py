"""The first credit policy and list of conditions, as data: a starting point that an institution replaces by its own."""

from __future__ import annotations

from decimal import Decimal

from apps.approval.rules import LEVELS, AuthorityRow, Limit, PolicyRules

ONE, TWO, THREE = LEVELS
GOOD, FAIR, WEAK = frozenset("AB"), frozenset("C"), frozenset("D")


def _row(grades: frozenset[str], up_to: int, *signatures: str, secured: bool | None = None) -> AuthorityRow:
    return AuthorityRow(grades, Decimal(up_to), signatures, secured)


FIRST_POLICY = PolicyRules(
    version=1,
    currency="",
    authorities=(
        _row(GOOD, 500_000, ONE),
        _row(GOOD, 2_000_000, ONE, TWO),
        _row(GOOD, 10_000_000, TWO, THREE),
        _row(GOOD, 50_000_000, TWO, TWO, THREE),
        _row(FAIR, 300_000, ONE, secured=True),
        _row(FAIR, 1_500_000, ONE, TWO, secured=True),
        _row(FAIR, 10_000_000, TWO, TWO, THREE, secured=True),
        _row(FAIR, 500_000, ONE, TWO, secured=False),
        _row(FAIR, 3_000_000, TWO, TWO, THREE, secured=False),
        _row(WEAK, 200_000, ONE, TWO, secured=True),
        _row(WEAK, 1_000_000, TWO, TWO, THREE, secured=True),
        _row(WEAK, 200_000, TWO, THREE, secured=False),
    ),
    limits=(
        Limit("dscr", "min", Decimal("1.25"), exception_level=TWO),
        Limit("dscr", "min", Decimal("1.40"), grades=WEAK, exception_level=THREE),
        Limit("ltv", "max", Decimal("0.70"), exception_level=TWO),
        Limit("ltv", "max", Decimal("0.60"), grades=WEAK, exception_level=THREE),
        Limit("dti", "max", Decimal("0.80"), exception_level=TWO),
        Limit("debt_to_assets", "max", Decimal("0.65"), exception_level=TWO),
        Limit("exposure", "max", Decimal(30_000_000), exception_level=THREE),
    ),
)

# code, kind, proposed for, days after payout, words in English and Chinese
CONDITIONS: tuple[tuple[str, str, str, int | None, str, str], ...] = (
    ("contract_in_force", "precedent", "always", None, "Loan contract signed and in force", "借款合同已签署并生效"),
    ("resolution", "precedent", "always", None, "Resolution that authorises the borrowing in hand", "已取得同意借款的股东会（董事会）决议"),
    ("account_verified", "precedent", "always", None, "Payee's account verified", "收款账户已核实"),
    ("mortgage_registered", "precedent", "secured", None, "Mortgage or pledge registered, first rank", "抵（质）押登记已办妥，顺位第一"),
    ("insurance_assigned", "precedent", "secured", None, "Insurance of the collateral in force and assigned to the lender", "抵（质）押物保险有效，且贷款人为第一受益人"),
    ("guarantee_signed", "precedent", "guaranteed", None, "Guarantee contracts signed", "保证合同已签署"),
    ("equity_paid", "precedent", "chosen", None, "Own funds paid in", "自有资金已到位"),
    ("debt_settled", "precedent", "chosen", None, "Existing debt settled and its collateral released", "原有债务已结清并解押"),
    ("invoice_seen", "precedent", "chosen", None, "Supplier's invoice seen (entrusted payment)", "已核验供应商发票（受托支付）"),
    ("use_of_funds", "subsequent", "chosen", 90, "Evidence of the use of the funds", "提交贷款用途证明"),
    ("statements_yearly", "subsequent", "chosen", 365, "Yearly financial statements", "提交年度财务报表"),
    ("turnover_here", "subsequent", "chosen", 180, "Business turnover through an account with the lender", "经营结算资金通过贷款人账户往来"),
)  # fmt: skip
