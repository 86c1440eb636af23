"""What the sealer writes: leaves, stored subtrees and signed heads of the tree, the map of objects, signing keys.

Everything but the map of objects is append-only. The map holds the present state alone; its root stands in the newest head.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditLeaf(models.Model):
    """Where an event stands in the tree: ``id`` is the leaf's number from 0, ``hash`` its leaf hash (RFC 6962)."""

    id = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_leaf"
        verbose_name = _("sealed event")
        verbose_name_plural = _("sealed events")

    def __str__(self) -> str:
        return f"leaf {self.pk} of event {self.event_id}"


class AuditNode(models.Model):
    """A complete subtree of 256, 65,536 … leaves; ``id`` is ``level * 2 ** 56 + index``."""

    id = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_node"
        verbose_name = _("stored subtree")
        verbose_name_plural = _("stored subtrees")

    def __str__(self) -> str:
        return f"subtree {self.pk}"


class AuditHead(models.Model):
    """A signed head: ``id`` is the size of the tree, ``note`` what is signed and by whom (docs/audit.md).

    The roots and ``numbers`` repeat the note's for those who look up. ``frontier``, ``horizon`` (the first transaction that
    may still be open) and ``cluster`` (whose transactions those are) tell the sealer where to go on.
    """

    id = models.BigIntegerField(primary_key=True)
    note = models.TextField()
    root = models.BinaryField()
    map_root = models.BinaryField()
    numbers = models.BinaryField()
    frontier = models.BinaryField()
    horizon = models.BigIntegerField()
    cluster = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_head"
        verbose_name = _("signed head")
        verbose_name_plural = _("signed heads")

    def __str__(self) -> str:
        return f"head of {self.pk} events"


class AuditObject(models.Model):
    """An object in the map: how many of its events are sealed and the leaf hash of the last."""

    object = models.TextField(primary_key=True)
    key = models.BinaryField()
    slot = models.IntegerField(db_index=True)
    n = models.BigIntegerField()
    leaf = models.BinaryField()

    class Meta:
        db_table = "audit_object"
        verbose_name = _("mapped object")
        verbose_name_plural = _("mapped objects")

    def __str__(self) -> str:
        return f"{self.object} {self.n}"


class AuditObjectNode(models.Model):
    """A subtree of the map at a depth of 8 or 16 bits; ``id`` is ``2 ** depth`` and the bits."""

    id = models.IntegerField(primary_key=True)
    hash = models.BinaryField()
    entries = models.IntegerField()

    class Meta:
        db_table = "audit_object_node"
        verbose_name = _("subtree of the map")
        verbose_name_plural = _("subtrees of the map")

    def __str__(self) -> str:
        return f"map node {self.pk}"


class AuditSigningKey(models.Model):
    """A key that signs heads: its public part, and its private part wrapped by the key service."""

    id = models.BigAutoField(primary_key=True)
    origin = models.TextField()
    public = models.BinaryField()
    wrapped = models.BinaryField()
    root_key = models.CharField(max_length=64)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_signing_key"
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return f"signing key {self.pk} of {self.origin}"


class AuditCosignature(models.Model):
    """A witness's line under a head: it has seen that head and that it continues the one it had seen before."""

    id = models.BigAutoField(primary_key=True)
    head = models.BigIntegerField()
    witness = models.TextField()
    line = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_cosignature"
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        constraints = [models.UniqueConstraint(fields=["head", "witness"], name="audit_cosignature_once")]

    def __str__(self) -> str:
        return f"{self.witness} under the head of {self.head} events"
