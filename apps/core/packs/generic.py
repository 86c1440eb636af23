"""No particular country: LEI or registration number, EUR, ACT/365."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from stdnum import lei

from apps.core.packs import explained
from apps.core.packs.shape import AssetClass, FirstLending, IdentifierKind, LegalClock, Pack, RequiredDocument

PACK = Pack(
    code="generic",
    label=_("Generic"),
    country="",
    currency="EUR",
    time_zone="UTC",
    language="en",
    business_identifiers=(
        IdentifierKind("registry", _("Registration number"), None, _("As printed in the register."), 2, 3),
        IdentifierKind(
            "lei",
            _("Legal entity identifier"),
            lei,
            _("It has 20 characters; the last two check the others."),
            4,
            4,
            explained.entity_identifier,
        ),
    ),
    person_identifiers=(
        IdentifierKind("document", _("Identity document"), None, _("As printed in the document."), 1, 2),
    ),
    asset_classes=(
        AssetClass("real_estate", _("Real estate"), Decimal("0.30"), 365, _("Land register")),
        AssetClass("equipment", _("Machinery and equipment"), Decimal("0.50"), 180, _("Movables register")),
        AssetClass("receivables", _("Receivables"), Decimal("0.30"), 90, _("Movables register"), insurable=False),
    ),
    documents=(
        RequiredDocument("registration", _("Extract from the register")),
        RequiredDocument("identity", _("Identity document of the signer")),
        RequiredDocument("statements", _("Financial statements of three years")),
        RequiredDocument("bank_statements", _("Bank statements of six months")),
        RequiredDocument("resolution", _("Resolution that authorises the signer")),
        RequiredDocument("title", _("Certificate of title"), secured_only=True),
    ),
    clocks=(
        LegalClock("decision", _("Answer to the applicant"), "submitted", 60),
        LegalClock("data_copy", _("Copy of the data held"), "data_requested", 30),
        LegalClock("review_asked", _("Asking for a person to look at a decision again"), "decided", 60),
        LegalClock("review", _("Answer to who asked to look at a decision again"), "review_asked", 30),
    ),
    family_name_first=False,
    day_count="ACT/365",
    decline_letter=_("You may ask for a person to look at the decision again."),
    consents=(
        ("bureau", _("Enquiry at the credit bureau")),
        ("processing", _("Processing of personal data for this application")),
    ),
    lending=FirstLending(Decimal(5_000), Decimal(1_000_000), Decimal("3.00"), Decimal("12.00"), scale=Decimal("0.2")),
)
