"""United States: EIN, SSN, USD, 30/360, adverse-action clock of Regulation B."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from stdnum.us import ein, itin, ssn

from apps.core.packs import explained
from apps.core.packs.shape import AssetClass, FirstLending, IdentifierKind, LegalClock, Pack, RequiredDocument

PACK = Pack(
    code="us",
    label=_("United States"),
    country="US",
    currency="USD",
    time_zone="America/New_York",
    language="en",
    business_identifiers=(
        IdentifierKind(
            "ein",
            _("Employer identification number"),
            ein,
            _("It has nine digits: two, a hyphen, seven."),
            2,
            2,
            explained.employer_number,
        ),
        IdentifierKind("registry", _("State registration number"), None, _("As printed in the register."), 2, 3),
    ),
    person_identifiers=(
        IdentifierKind(
            "ssn",
            _("Social security number"),
            ssn,
            _("It has nine digits: three, two and four."),
            0,
            4,
            explained.social_number,
        ),
        IdentifierKind("itin", _("Individual taxpayer number"), itin, _("It has nine digits and begins with 9."), 0, 4),
        IdentifierKind("passport", _("Passport"), None, _("As printed in the document."), 1, 2),
    ),
    asset_classes=(
        AssetClass("real_estate", _("Real estate"), Decimal("0.25"), 365, _("County recorder")),
        AssetClass("equipment", _("Machinery and equipment"), Decimal("0.40"), 180, _("UCC filing")),
        AssetClass("receivables", _("Receivables"), Decimal("0.20"), 90, _("UCC filing"), insurable=False),
        AssetClass("inventory", _("Inventory"), Decimal("0.50"), 90, _("UCC filing")),
    ),
    documents=(
        RequiredDocument("formation", _("Certificate of formation")),
        RequiredDocument("identity", _("Identity document of each owner of 20 percent or more")),
        RequiredDocument("statements", _("Financial statements of three years")),
        RequiredDocument("tax", _("Tax returns of three years")),
        RequiredDocument("bank_statements", _("Bank statements of six months")),
        RequiredDocument("resolution", _("Resolution that authorises the signer")),
        RequiredDocument("title", _("Deed or title"), secured_only=True),
    ),
    clocks=(
        LegalClock("adverse_action", _("Notice of the decision (Regulation B)"), "submitted", 30),
        LegalClock("data_copy", _("Copy of the data held"), "data_requested", 45),
        LegalClock("review_asked", _("Asking for a person to look at a decision again"), "decided", 60),
        LegalClock("review", _("Answer to who asked to look at a decision again"), "review_asked", 30),
    ),
    family_name_first=False,
    day_count="30/360",
    decline_letter=_(
        "You have the right to a statement of the specific reasons, and to a copy of the credit report that was used."
    ),
    consents=(
        ("bureau", _("Credit report enquiry")),
        ("processing", _("Processing of information for this application")),
        ("electronic", _("Electronic records and signatures")),
    ),
    lending=FirstLending(Decimal(5_000), Decimal(1_000_000), Decimal("6.00"), Decimal("14.00"), scale=Decimal("0.2")),
)
