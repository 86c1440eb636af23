"""Which tables the tripwire guards: every concrete model of ``apps``, but for those listed here with their reason."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Field, ManyToManyField, Model

from apps.vault.fields import BlindIndexField

UNGOVERNED: dict[str, str] = {
    "audit.AuditEvent": "is the log itself: append-only, its own codes and journal",
    "audit.AuditTouch": "is derived from the log by a trigger",
    "audit.AuditMacKey": "belongs to the log: append-only, checked by audit_verify",
    "audit.AuditLeaf": "belongs to the log's tree: append-only, checked by audit_verify",
    "audit.AuditNode": "belongs to the log's tree: append-only, checked by audit_verify",
    "audit.AuditHead": "is signed; append-only, checked by audit_verify",
    "audit.AuditObject": "is derived from the log; its root is signed in each head",
    "audit.AuditObjectNode": "is derived from the log; its root is signed in each head",
    "audit.AuditSigningKey": "belongs to the log: append-only; every key made is an event",
    "audit.AuditCosignature": "is signed by a witness; append-only",
    "audit.AuditTimestamp": "is signed by an authority outside; append-only, checked by audit_verify",
    "audit.AuditExport": "says how far an export has come; that it was asked for, made, taken and deleted are events",
    "audit.AuditRetired": "belongs to the log: append-only; a signed event tells of each, checked by audit_verify",
    "audit.AuditStub": "belongs to the log: append-only; its digest stands in a signed event, checked by audit_verify",
    "audit.AuditStream": "says how far a receiver has been told; every message carries its leaf, so that a gap shows there",
    "audit.FieldDifference": "has no table",
    "monitoring.WorkerBeat": "says that a worker is alive; says nothing of a case",
    "accounts.FailureCount": "counts attempts; every failure and every lock is an event of its own",
    "workflow.Notice": "reminds of what is recorded elsewhere; decides nothing",
    "post_loan.LoanCounter": "counts; every number given stands in the event of its loan",
    "workflow.CaseCounter": "counts; every number given stands in the event of its case",
    "applications.DocumentOpening": "counts what its reader has opened; every opening is an event of its own",
    "applications.Upload": "is a file on its way: nothing is handed in before it is finished, and that is an event",
    "applications.UploadPiece": "is a piece of a file on its way",
    "disbursement.EvidenceOpening": "remembers whose eyes were on a paper; every opening is an event of its own",
    "portal.TourProgress": "says what a reader was shown; decides nothing",
    "portal.AnnouncementPutAway": "changes what one reader sees of what all are told; decides nothing",
    "accounts.Draft": "is typed and not sent: nothing is done until the form is, and that is an event",
    "accounts.SentForm": "finds out what is sent twice; what the form did is an event of its service",
    "accounts.SessionPulse": "moves with every request; begin, step-up and end of a session are events",
}

SECRET_NAMES = {"password"}


def governed_models() -> list[type[Model]]:
    """Return the governed models in a stable order."""
    return sorted(_governed(), key=lambda model: model._meta.db_table)


def _governed() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        own = model.__module__.startswith("apps.") and options.managed and not options.proxy and not options.swapped
        if own and not owner_side(model) and options.label not in UNGOVERNED:
            yield model


def owner_side(through: type[Model]) -> ManyToManyField[Model, Model] | None:
    """Return the field that made this many-to-many table; its rows belong to the object that has the field."""
    made_by: Any = through._meta.auto_created
    fields: list[ManyToManyField[Model, Model]] = made_by._meta.local_many_to_many if made_by else []
    return next((field for field in fields if field.remote_field.through is through), None)


def governed_throughs() -> list[tuple[type[Model], ManyToManyField[Model, Model]]]:
    """Return the tables of many-to-many fields of governed models: a change in one is a change of its owner."""
    fields: list[Any] = [field for model in governed_models() for field in model._meta.local_many_to_many]
    pairs = [(field.remote_field.through, field) for field in fields if field.remote_field.through._meta.auto_created]
    return sorted(pairs, key=lambda pair: str(pair[0]._meta.db_table))


@functools.cache
def clear_fields(model: type[Model]) -> tuple[str, ...]:
    """Names of the fields whose values may stand in the log: no bytes, none encrypted or blind-indexed, no password hash.

    A model names further fields that hold personal data in clear, or secrets, in ``evidence_hides``.
    """
    hidden = SECRET_NAMES | set(hidden_fields(model))
    return tuple(
        field.name for field in model._meta.concrete_fields if field.name not in hidden and not _is_sealed(field)
    )


def hidden_fields(model: type[Model]) -> tuple[str, ...]:
    """Names of the fields that a model keeps out of the log though they stand in clear in its table."""
    return tuple(getattr(model, "evidence_hides", ()))


def _is_sealed(field: Field[object, object]) -> bool:
    """Ciphertext, wrapped keys and other bytes (auditlog cannot compare them), and what stands for a sealed value."""
    return isinstance(field, (BinaryField, BlindIndexField))
