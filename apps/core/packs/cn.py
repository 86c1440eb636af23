"""China: unified social credit code, resident identity number, CNY, ACT/360."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from apps.core.packs import explained, resident
from apps.core.packs.shape import AssetClass, FirstLending, IdentifierKind, LegalClock, Pack, RequiredDocument

PACK = Pack(
    code="cn",
    label=_("China"),
    country="CN",
    currency="CNY",
    time_zone="Asia/Shanghai",
    language="zh-hans",
    business_identifiers=(
        IdentifierKind(
            "uscc",
            _("Unified social credit code"),
            uscc,
            _("It has 18 characters; the last one checks the others."),
            8,
            4,
            explained.unified_code,
            explained.known_province,
        ),
    ),
    person_identifiers=(
        IdentifierKind(
            "ric",
            _("Resident identity number"),
            resident,
            _("It has 18 characters: region, date of birth, serial number and a check digit."),
            3,
            4,
            explained.resident_number,
        ),
        IdentifierKind("passport", _("Passport"), None, _("As printed in the document."), 1, 2),
    ),
    asset_classes=(
        AssetClass("real_estate", _("Real estate"), Decimal("0.30"), 365, _("Real estate registration centre")),
        AssetClass(
            "equipment", _("Machinery and equipment"), Decimal("0.50"), 180, _("Unified movable property registry")
        ),
        AssetClass(
            "receivables",
            _("Receivables"),
            Decimal("0.30"),
            90,
            _("Unified movable property registry"),
            insurable=False,
        ),
        AssetClass("inventory", _("Inventory"), Decimal("0.50"), 90, _("Unified movable property registry")),
        AssetClass("deposit", _("Certificate of deposit"), Decimal("0.05"), 30, _("Issuing bank"), insurable=False),
    ),
    documents=(
        RequiredDocument("licence", _("Business licence")),
        RequiredDocument("identity", _("Identity document of the legal representative")),
        RequiredDocument("statements", _("Financial statements of three years")),
        RequiredDocument("bank_statements", _("Bank statements of six months")),
        RequiredDocument("resolution", _("Resolution that authorises the signer")),
        RequiredDocument("tax", _("Tax returns"), required=False),
        RequiredDocument("title", _("Certificate of title"), secured_only=True),
    ),
    clocks=(
        LegalClock("decision", _("Answer to the applicant"), "submitted", 60),
        LegalClock("data_copy", _("Copy of the data held"), "data_requested", 15),
        LegalClock("review_asked", _("Asking for a person to look at a decision again"), "decided", 60),
        LegalClock("review", _("Answer to who asked to look at a decision again"), "review_asked", 30),
    ),
    family_name_first=True,
    day_count="ACT/360",
    decline_letter=_(
        "You may ask for a person to look at the decision again, and for the bureau's report that was used."
    ),
    consents=(
        ("bureau", _("Enquiry at the credit bureau")),
        ("processing", _("Processing of personal information for this application")),
        ("sensitive", _("Processing of sensitive personal information")),
    ),
    lending=FirstLending(Decimal(10_000), Decimal(5_000_000), Decimal("3.45"), Decimal("9.80")),
)
