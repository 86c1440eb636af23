"""What may be paid, and the bytes of a payment instruction: pure functions."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree as ET

from apps.collateral.rules import Encumbrance
from apps.core.money import minor_units
from apps.core.schedules import add_months

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ZERO = Decimal(0)


def room_left(approved: Decimal | None, drawn: Decimal, repaid: Decimal = ZERO, *, revolving: bool = False) -> Decimal:
    """What may still be drawn of a facility: approved less drawn, and for a revolving limit what was repaid again."""
    if approved is None:
        return ZERO
    return max(approved - drawn + (repaid if revolving else ZERO), ZERO)


def is_available(until: dt.date | None, today: dt.date) -> bool:
    """Tell whether a facility may be drawn today; one without an end stays available."""
    return until is None or today <= until


def rank_of_ours(liens: Sequence[Encumbrance]) -> int:
    """Rank of the lender's lien on an asset: the registered one, else the next after those that others hold."""
    ours = [lien.rank for lien in liens if lien.is_ours]
    return min(ours) if ours else max((lien.rank for lien in liens), default=0) + 1


def draw_term(approved_months: int, paid_on: dt.date, until: dt.date | None, tail_months: int) -> int:
    """Term in months of a draw on a revolving limit: the approved term, but ending at most ``tail_months`` after the limit does.

    A limit's last draw would else run a whole new term beyond it. At least one month, so that there is an instalment.
    """
    if until is None:
        return approved_months
    last = add_months(max(until, paid_on), tail_months)
    months = (last.year - paid_on.year) * 12 + last.month - paid_on.month
    if add_months(paid_on, months) > last:
        months -= 1
    return max(min(approved_months, months), 1)


def new_end_to_end_id() -> str:
    """A payment's own identifier: 32 hexadecimal characters, 128 random bits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Instruction:
    """Everything the bank needs to pay one order; amounts in the order's currency, accounts in clear."""

    end_to_end_id: str
    made_at: dt.datetime
    execute_on: dt.date
    amount: Decimal
    currency: str
    debtor_name: str
    debtor_account: str
    debtor_bank: str
    creditor_name: str
    creditor_account: str
    creditor_bank: str
    remittance: str


def _child(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{PAIN}}}{tag}", attributes)
    element.text = text
    return element


def _agent(parent: ET.Element, tag: str, name: str) -> None:
    institution = _child(_child(parent, tag), "FinInstnId")
    _child(institution, "Nm", name[:140])


def _account(parent: ET.Element, tag: str, number: str) -> None:
    _child(_child(_child(_child(parent, tag), "Id"), "Othr"), "Id", number[:34])


def pain_001(order: Instruction) -> bytes:
    """The order as ISO 20022 ``pain.001.001.09``: equal orders give equal bytes."""
    ET.register_namespace("", PAIN)
    root = ET.Element(f"{{{PAIN}}}Document")
    message = _child(root, "CstmrCdtTrfInitn")
    _header(message, order)
    payment = _child(message, "PmtInf")
    _child(payment, "PmtInfId", order.end_to_end_id)
    _child(payment, "PmtMtd", "TRF")
    _child(_child(payment, "ReqdExctnDt"), "Dt", order.execute_on.isoformat())
    _child(_child(payment, "Dbtr"), "Nm", order.debtor_name[:140])
    _account(payment, "DbtrAcct", order.debtor_account)
    _agent(payment, "DbtrAgt", order.debtor_bank)
    _transfer(payment, order)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _header(message: ET.Element, order: Instruction) -> None:
    header = _child(message, "GrpHdr")
    _child(header, "MsgId", order.end_to_end_id)
    _child(header, "CreDtTm", order.made_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _child(header, "NbOfTxs", "1")
    _child(header, "CtrlSum", amount_text(order.amount, order.currency))
    _child(_child(header, "InitgPty"), "Nm", order.debtor_name[:140])


def _transfer(payment: ET.Element, order: Instruction) -> None:
    transfer = _child(payment, "CdtTrfTxInf")
    _child(_child(transfer, "PmtId"), "EndToEndId", order.end_to_end_id)
    _child(_child(transfer, "Amt"), "InstdAmt", amount_text(order.amount, order.currency), Ccy=order.currency)
    _agent(transfer, "CdtrAgt", order.creditor_bank)
    _child(_child(transfer, "Cdtr"), "Nm", order.creditor_name[:140])
    _account(transfer, "CdtrAcct", order.creditor_account)
    _child(_child(transfer, "RmtInf"), "Ustrd", order.remittance[:140])


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount with exactly the currency's places, a point and no grouping."""
    return f"{amount:.{minor_units(currency)}f}"


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()
