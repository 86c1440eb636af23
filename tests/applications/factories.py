"""Cases on their way through intake, made through the services only; later stages begin with ``case_accepted``."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField
from PIL import Image

from apps.accounts.models import Branch
from apps.applications import services
from apps.applications.facts import consent_kinds, required_documents
from apps.applications.models import Document, VisitReport
from apps.applications.services import VisitData, Words
from apps.applications.services.opening import application_create
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.prepared import Prepared
from apps.workflow.models import LoanCase, Product, Reason
from apps.workflow.services import FacilityAsk
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers

WORDS = Words(
    purpose="Flour and packaging for the winter season.",
    repayment_source="Receivables of three supermarket chains.",
    narrative="A bakery of thirty-four people, seven years old.",
)


def product(*, secured: bool = False, currency: str = "CNY") -> Product:
    """The product that tests lend; made when there is none."""
    code = f"{'secured' if secured else 'working-capital'}-{currency.lower()}"
    return Product.objects.filter(code=code).first() or _product_make(
        actor=people.SETUP, code=code, secured=secured, currency=currency
    )


def _product_for(secured: bool) -> Product:
    return product(secured=secured)


@act
def _product_make(*, actor: Actor, code: str, secured: bool, currency: str) -> Product:
    made = Product.objects.create(
        code=code, name_en="Secured loan" if secured else "Working capital loan", currency=currency, is_secured=secured,
        min_amount=Decimal(10_000), max_amount=Decimal(10_000_000), min_term=3, max_term=60, min_rate=Decimal("3.0"),
        max_rate=Decimal("9.0"),
    )  # fmt: skip
    record(Tag.PRODUCT_CHANGED, actor=actor, subject=made)
    return made


def reason(code: str, kind: str) -> Reason:
    """A reason of the catalogue; made when there is none."""
    return Reason.objects.filter(code=code).first() or _reason_make(actor=people.SETUP, code=code, kind=kind)


@act
def _reason_make(*, actor: Actor, code: str, kind: str) -> Reason:
    made = Reason.objects.create(code=code, kind=kind, name_en=code.replace("_", " ").capitalize())
    record(Tag.REASON_CHANGED, actor=actor, subject=made)
    return made


def png(width: int = 8) -> io.BytesIO:
    """A small photograph."""
    stream = io.BytesIO()
    Image.new("RGB", (width, 8), (90, 120, 60)).save(stream, "PNG")
    stream.seek(0)
    return stream


def draft(
    actor: Actor, *, amount: Decimal = Decimal(800000), term: int = 24, product_: Product | None = None,
    borrower: Borrower | None = None, branch: Branch | None = None, words: Words = WORDS, **facts: Any,
) -> LoanCase:  # fmt: skip
    """A new draft: business and request are there, nothing else."""
    place = branch or people.branch()
    known: dict[str, Any] = (
        {"borrower": borrower} if borrower else {"branch": place, "business": borrowers.business(**facts)}
    )
    ask = FacilityAsk(amount, term)
    return application_create(actor=actor, product=product_ or product(), facilities=[ask], words=words, **known)


def document(actor: Actor, case: LoanCase, code: str = "other") -> Document:
    """A document of a kind on a case, opened by nobody."""
    return services.document_add(actor=actor, case=case, code=code, stream=png(), name=f"{code}.png")


def opened(actor: Actor, paper: Document) -> Document:
    """The document, opened by the actor."""
    b"".join(services.document_open(actor=actor, document=paper))
    return paper


def promised(actor: Actor, case: LoanCase, signer: Party) -> LoanCase:
    """The case with all consents and the declaration on paper."""
    paper = document(actor, case, "consent")
    for kind in consent_kinds():
        services.consent_give(actor=actor, case=case, kind=kind, party=signer, given_on=clock.today(), document=paper)
    declared = document(actor, case, "declaration")
    services.declaration_sign(
        actor=actor, case=case, version=None, party=signer, signed_on=clock.today(), document=declared
    )
    return again(case)


def again(case: LoanCase) -> LoanCase:
    """The case as it stands now."""
    [found] = _AGAIN.rows(pk=case.pk)
    return found


_AGAIN: Prepared[LoanCase] = Prepared(
    lambda pk: LoanCase.objects.select_related("borrower__group", "product", "branch", "holder").filter(pk=pk),
    {"pk": BigIntegerField()},
)


def ready_draft(actor: Actor, **given: Any) -> LoanCase:
    """A draft with nothing missing but to be submitted."""
    case = draft(actor, **given)
    if not case.borrower.parties.exists():
        borrowers.whole_people(actor, case.borrower)
    return promised(actor, again(case), signer_of(case))


def signer_of(case: LoanCase) -> Party:
    """The one who signs for the business."""
    return Party.objects.get(borrower_id=case.borrower_id, interests__kind="signer", interests__ended_on=None)


def case_in_intake(actor: Actor, **given: Any) -> LoanCase:
    """A submitted case whose checks are all open."""
    case = ready_draft(actor, **given)
    services.application_submit(actor=actor, case=case, version=case.version)
    return again(case)


def checked(actor: Actor, case: LoanCase) -> LoanCase:
    """The case with its documents accepted and its signer's identity checked."""
    for code in required_documents(case):
        services.document_verify(actor=actor, document=opened(actor, document(actor, case, code)))
    services.identity_check_record(
        actor=actor, case=case, party=signer_of(case), method="original_sighted", checked_on=clock.today(), passed=True,
        evidence="Resident identity card seen at the counter.",
    )  # fmt: skip
    return again(case)


def visited(first: Actor, case: LoanCase, *, second: Actor | None = None, days_ago: int = 3) -> VisitReport:
    """A visit by two, confirmed by the second."""
    other = second or borrowers.officer(case.branch)
    data = VisitData(
        second_visitor_id=other.person_id or 0, visited_at=clock.now() - dt.timedelta(days=days_ago), place="The bakery",
        staff_seen=31, stock="Flour for two weeks", narrative="The line ran at 80 %, stock as stated.",
    )  # fmt: skip
    visit = services.visit_report_file(actor=first, case=case, data=data, photographs=[(png(), "line.png")])
    return services.visit_confirm(actor=other, visit=visit)


@dataclass(frozen=True, slots=True)
class Desk:
    """The people of intake at one branch."""

    officer: Actor
    colleague: Actor


def desk(branch: Branch | None = None) -> Desk:
    """Two officers of a branch."""
    place = branch or people.branch()
    return Desk(borrowers.officer(place), borrowers.officer(place))


def case_accepted(
    *, officer: Actor | None = None, amount: Decimal = Decimal(800000), product: Product | None = None,
    secured: bool = False, visit: bool = True, **kw: Any,
) -> LoanCase:  # fmt: skip
    """A case in credit review, made the whole way through intake; institution, branch and product are made if absent.

    With ``visit`` two officers have visited the business. Further words go to ``draft`` (borrower, branch, term, facts).
    """
    branch = kw.get("branch") or people.branch()
    actor = officer or borrowers.officer(branch)
    wanted = product or _product_for(secured)
    case = checked(actor, case_in_intake(actor, amount=amount, product_=wanted, **kw))
    if visit:
        visited(actor, case)
        case = again(case)
    services.application_accept(actor=actor, case=case, version=case.version)
    return again(case)
