"""The catalogue of a first start: products and reasons to begin with, replaced by the institution's own as it goes."""

from __future__ import annotations

from typing import Any

from apps.applications.rules.knockout import AMOUNT, INDUSTRY, TERM, TOO_YOUNG
from apps.core.actor import Actor
from apps.core.packs import Pack
from apps.workflow.models import Product, Reason, ReasonKind
from apps.workflow.services.catalogue import product_save, reason_save

PRODUCTS: tuple[dict[str, Any], ...] = (
    {"code": "working-capital", "name_en": "Working capital loan", "name_zh": "流动资金贷款", "min_term": 3, "max_term": 36},
    {
        "code": "secured", "name_en": "Secured business loan", "name_zh": "抵押经营贷款", "is_secured": True,
        "min_term": 6, "max_term": 60,
    },
)  # fmt: skip
"""One loan without collateral and one with it; amounts, rates and day count come from the pack."""

# kind, code, and the words in English and Chinese: letters quote those of a decline, so they speak to the borrower
REASONS: tuple[tuple[str, str, str, str], ...] = (
    (ReasonKind.DECLINE, "cover-too-low", "Your income does not cover the payments of this loan with enough margin", "贵单位的收入不足以稳妥偿付本笔贷款"),
    (ReasonKind.DECLINE, "debt-too-high", "Your existing debt is high compared with your own funds", "贵单位现有负债相对于自有资金偏高"),
    (ReasonKind.DECLINE, "payment-history", "Past payments to lenders were late", "贵单位在其他机构的还款曾有逾期"),
    (ReasonKind.DECLINE, "not-verified", "Information in the application could not be verified", "申请中的部分信息无法核实"),
    (ReasonKind.DECLINE, "collateral-short", "The collateral offered does not cover the loan", "所提供的抵（质）押物不足以覆盖贷款"),
    (ReasonKind.DECLINE, "exposure-full", "You already owe us as much as we may lend to one group", "贵单位及关联方在我行的授信已达上限"),
    (ReasonKind.KNOCK_OUT, TOO_YOUNG, "The business has not existed long enough for this product", "企业成立时间未达到本产品的要求"),
    (ReasonKind.KNOCK_OUT, INDUSTRY, "We do not lend to this line of trade", "贵单位所属行业不在我行贷款范围内"),
    (ReasonKind.KNOCK_OUT, AMOUNT, "The amount asked for lies outside what this product lends", "申请金额超出本产品的贷款范围"),
    (ReasonKind.KNOCK_OUT, TERM, "The term asked for lies outside what this product lends", "申请期限超出本产品的贷款范围"),
    (ReasonKind.RETURN, "figures-unclear", "Figures to be explained", "财务数据待说明"),
    (ReasonKind.RETURN, "documents-missing", "Documents to be completed", "资料待补充"),
    (ReasonKind.RETURN, "terms-changed", "Terms to be worked out anew", "贷款条件需重新拟定"),
    (ReasonKind.RETURN, "collateral-again", "Collateral to be looked at again", "抵（质）押物需重新评估"),
    (ReasonKind.WITHDRAW, "no-need", "No longer needed", "不再需要贷款"),
    (ReasonKind.WITHDRAW, "other-lender", "Another lender's offer was taken", "已接受其他机构的贷款"),
    (ReasonKind.WITHDRAW, "terms-refused", "The terms did not suit", "贷款条件不合适"),
    (ReasonKind.FREEZE, "suspicion", "Suspicion to be looked into", "可疑情况待核查"),
    (ReasonKind.FREEZE, "legal-order", "Order of a court or an authority", "司法或监管机关要求"),
    (ReasonKind.FREEZE, "sanctions-hit", "Name on a list to be cleared", "名单筛查命中待核实"),
    (ReasonKind.PURPOSE, "statement-match", "Matching a statement", "核对流水"),
    (ReasonKind.PURPOSE, "contact", "Calling or writing to the borrower", "联系客户"),
    (ReasonKind.PURPOSE, "contract", "Preparing the contract", "准备合同"),
    (ReasonKind.PURPOSE, "identity", "Checking an identity", "核验身份"),
)  # fmt: skip


def catalogue_found(actor: Actor, pack: Pack) -> None:
    """Add the products and reasons whose codes are not there yet, in the pack's currency."""
    known = set(Product.objects.values_list("code", flat=True))
    for values in PRODUCTS:
        if values["code"] not in known:
            product_save(actor=actor, product=None, values={**_lent(pack), **values})
    given = set(Reason.objects.values_list("code", flat=True))
    for kind, code, english, chinese in REASONS:
        if code not in given:
            words = {"kind": kind, "code": code, "name_en": english, "name_zh": chinese}
            reason_save(actor=actor, reason=None, values=words)


def _lent(pack: Pack) -> dict[str, Any]:
    lending = pack.lending
    return {
        "currency": pack.currency, "min_amount": lending.least, "max_amount": lending.most,
        "min_rate": lending.min_rate, "max_rate": lending.max_rate, "day_count": pack.day_count,
    }  # fmt: skip
