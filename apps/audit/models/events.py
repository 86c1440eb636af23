"""Events, what each touched, and the keys of their message authentication codes."""

from __future__ import annotations

import functools
import json
from typing import Any

from auditlog.models import AbstractLogEntry
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.audit.differences import DifferenceManager
from apps.audit.expressions import BodyMoment, BodyNumber, BodyText


def _text(path: str) -> Any:
    return models.GeneratedField(
        expression=BodyText("body", path=path), output_field=models.TextField(null=True), db_persist=True
    )


def _number(path: str) -> Any:
    return models.GeneratedField(
        expression=BodyNumber("body", path=path), output_field=models.BigIntegerField(null=True), db_persist=True
    )


class AuditEvent(models.Model):
    """One act, refusal or look. Only ``body`` counts; the other columns are made of it or say who vouches for it.

    ``txid`` is the writing transaction's number, stamped by a trigger on PostgreSQL (0 on SQLite); ``mac`` is an HMAC-SHA-256 of the body under the key ``mac_key``.
    No foreign keys: what is deleted elsewhere leaves the log whole.
    """

    id = models.BigAutoField(primary_key=True)
    txid = models.BigIntegerField(default=0, editable=False)
    body = models.TextField()
    mac_key = models.CharField(max_length=32)
    mac = models.CharField(max_length=64)

    at = models.GeneratedField(
        expression=BodyMoment("body"), output_field=models.DateTimeField(null=True), db_persist=True
    )
    action = _text("action")
    outcome = _text("outcome")
    actor = _text("name")
    person = _number("person")
    roles = _text("roles")
    branch = _number("branch")
    case = _text("case")
    object = _text("subject.object")
    purpose = _text("purpose.code")
    address = _text("address")
    request = _text("request")
    kind = _text("kind")

    class Meta:
        db_table = "audit_event"
        ordering = ["-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["txid", "id"], name="audit_event_txid"),
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["action", "id"], name="audit_event_action"),
            models.Index(fields=["person", "id"], name="audit_event_person"),
            models.Index(fields=["branch", "id"], name="audit_event_branch"),
            models.Index(fields=["case", "id"], name="audit_event_case"),
            models.Index(fields=["object", "id"], name="audit_event_object"),
            models.Index(fields=["request"], name="audit_event_request"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"

    @functools.cached_property
    def data(self) -> dict[str, Any]:
        """The body, read."""
        value: dict[str, Any] = json.loads(self.body)
        return value


class AuditTouch(models.Model):
    """Which event touched which object, under that object's own running number; filled by a trigger from the body."""

    event_id = models.BigIntegerField(db_index=True)
    txid = models.BigIntegerField()
    object = models.TextField()
    n = models.BigIntegerField()
    op = models.TextField()

    class Meta:
        db_table = "audit_touch"
        ordering = ["-id"]
        verbose_name = _("touched object")
        verbose_name_plural = _("touched objects")
        constraints = [models.UniqueConstraint(fields=["object", "n"], name="audit_touch_number")]

    def __str__(self) -> str:
        return f"{self.object} {self.n}"


class AuditMacKey(models.Model):
    """Key of one process's codes, wrapped by the key service: whoever has only the database can't make a code."""

    id = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()
    root_key = models.CharField(max_length=64)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_mac_key"
        verbose_name = _("code key")
        verbose_name_plural = _("code keys")

    def __str__(self) -> str:
        return f"code key {self.id}"


class FieldDifference(AbstractLogEntry):  # type: ignore[misc]
    """What django-auditlog believes it stores: without a table, and without links to upper floors."""

    content_type = None
    actor = None

    objects = DifferenceManager()

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("field difference")
        verbose_name_plural = _("field differences")
