"""What a time-stamp says and whether it holds: the authority of the settings, its certificates, and answers (RFC 3161)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.utils import timezone
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from apps.audit.models import AuditHead, AuditTimestamp

EVERY = dt.timedelta(hours=1)
LATE = 3 * EVERY


class NoTimestamp(Exception):
    """There is no time-stamp, or none that holds; the words say why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stamped:
    """The newest head that is time-stamped (size 0: none) and when the authority saw it; whether that is long ago."""

    size: int = 0
    at: dt.datetime | None = None
    is_late: bool = False


def authority() -> str:
    """Address of the authority; empty where none is set."""
    return str(getattr(settings, "LOANFLOW_TSA_URL", "") or "")


def asked(head: AuditHead) -> TimeStampRequest:
    """Ask for a time-stamp over a head's whole note, with a number that no answer of before has."""
    return TimestampRequestBuilder().data(head.note.encode()).hash_algorithm(HashAlgorithm.SHA256).build()


def checked(answer: bytes, note: str, asked_for: TimeStampRequest | None = None) -> TimeStampResponse:
    """Return an answer that holds over a note: signed by the authority whose certificates are trusted; raises ``NoTimestamp``."""
    builder = VerifierBuilder() if asked_for is None else VerifierBuilder.from_request(asked_for)
    certificates = _certificates()
    try:
        read = decode_timestamp_response(answer)
        for certificate in certificates:
            is_root = certificate.issuer == certificate.subject
            builder = (
                builder.add_root_certificate(certificate)
                if is_root
                else builder.add_intermediate_certificate(certificate)
            )
        builder.build().verify_message(read, note.encode())
    except (ValueError, VerificationError) as problem:
        raise NoTimestamp(str(problem)) from None
    return read


def _certificates() -> list[x509.Certificate]:
    """The authority's certificates: a root that signs itself, and what stands between."""
    path = getattr(settings, "LOANFLOW_TSA_ROOTS", None)
    if not path:
        raise NoTimestamp("LOANFLOW_TSA_ROOTS names no certificates to believe")
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as problem:
        raise NoTimestamp(f"the certificates of LOANFLOW_TSA_ROOTS cannot be read: {problem.strerror}") from None


def stamped() -> Stamped | None:
    """How far the log's heads are time-stamped; ``None`` where no authority is set. Late is a head that has waited for long."""
    if not authority():
        return None
    newest = AuditTimestamp.objects.order_by("-head").values_list("head", "at").first()
    size, at = newest or (0, None)
    waiting = AuditHead.objects.filter(pk__gt=size, at__lt=timezone.now() - LATE).exists()
    return Stamped(size, at, waiting)
