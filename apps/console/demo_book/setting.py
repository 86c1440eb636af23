"""The stage: institution, branches, people, products, reasons and the credit policy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.accounts.models import Branch
from apps.accounts.services import places
from apps.approval.services.policy import policy_seed
from apps.audit.services import act as evidence
from apps.audit.services import record
from apps.audit.tags import Tag
from apps.console.demo_book.cast import DEMO, Cast, cast_make
from apps.core.actor import Actor
from apps.disbursement.services.paying import PayingData, paying_account_confirm, paying_account_enter
from apps.vault.services import installation_owner
from apps.workflow.models import Product
from apps.workflow.services.catalogue import product_save, reason_save

LENT: dict[str, Any] = {
    "currency": "CNY",
    "min_amount": Decimal(10_000),
    "max_amount": Decimal(5_000_000),
    "min_term": 3,
    "max_term": 60,
    "min_rate": Decimal("3.45"),
    "max_rate": Decimal("9.80"),
    "day_count": "ACT/360",
}
PRODUCTS = (
    {"code": "working-capital", "name_en": "Working capital loan", "name_zh": "流动资金贷款", **LENT},
    {"code": "secured", "name_en": "Secured business loan", "name_zh": "抵押经营贷款", "is_secured": True, **LENT},
    {
        "code": "sba-term",
        "name_en": "Term loan in US dollars",
        "name_zh": "美元定期贷款",
        **LENT,
        "currency": "USD",
        "min_amount": Decimal(1000),
        "max_term": 360,
        "day_count": "30/360",
    },
)
PAYING = {"CNY": "3700160880805012", "USD": "3700160880805020"}
REASONS = (
    ("decline", "weak-cover", "Debt service cover too low", "偿债能力不足"),
    ("decline", "bad-history", "Payment history", "还款记录不良"),
    ("decline", "incomplete", "Information could not be verified", "资料无法核实"),
    ("knock_out", "industry_excluded", "Line of trade not lent to", "禁入行业"),
    ("knock_out", "too_young", "Business too young", "成立时间不足"),
    ("knock_out", "amount_outside", "Amount outside the product", "金额超出产品范围"),
    ("knock_out", "term_outside", "Term outside the product", "期限超出产品范围"),
    ("return", "figures", "Figures to be explained", "财务数据待说明"),
    ("return", "documents", "Documents to be completed", "资料待补充"),
    ("withdraw", "other-bank", "Borrower took another offer", "选择了其他银行"),
    ("withdraw", "no-need", "No longer needed", "不再需要"),
    ("freeze", "suspicion", "Suspicion to be looked into", "可疑情况待核查"),
    ("purpose", "statement-match", "Matching a statement", "核对流水"),
    ("purpose", "call", "Calling the borrower", "联系客户"),
    ("purpose", "contract", "Preparing the contract", "准备合同"),
)


@evidence
def _installation(*, actor: Actor) -> None:
    record(Tag.KEY_OWNER_CREATED, actor=actor, subject=installation_owner())


def _paying_account(cast: Cast, currency: str, number: str) -> None:
    """One administrator enters the account that a currency is paid from, the other confirms it."""
    data = PayingData(currency, number, "Songhua Bank, head office 松花银行总行")
    entered = paying_account_enter(actor=cast.act("", "administrator"), data=data)
    paying_account_confirm(actor=cast.act("", "administrator", 1), account=entered, number=number)


def bank_open() -> tuple[dict[str, Branch], Cast, dict[bool, Product]]:
    """Open the bank; returns its branches by code, its people, and its products by whether they are secured."""
    _installation(actor=DEMO)
    places.institution_create(actor=DEMO, name="Songhua Bank", pack="cn")
    places.registration_switch(actor=DEMO, is_open=True)
    head = places.branch_add(actor=DEMO, code="HQ", name="Head office 总行", parent=None)
    branches = {
        code: places.branch_add(actor=DEMO, code=code, name=name, parent=head)
        for code, name in (("JN", "Jinan 济南"), ("QD", "Qingdao 青岛"))
    }
    products = {values["code"]: product_save(actor=DEMO, product=None, values=values) for values in PRODUCTS}
    for kind, code, english, chinese in REASONS:
        reason_save(
            actor=DEMO, reason=None, values={"kind": kind, "code": code, "name_en": english, "name_zh": chinese}
        )
    cast = cast_make(branches)
    policy_seed(actor=cast.act("", "head_of_credit"), currency="CNY")
    for currency, number in PAYING.items():
        _paying_account(cast, currency, number)
    return branches, cast, {False: products["working-capital"], True: products["secured"]}
