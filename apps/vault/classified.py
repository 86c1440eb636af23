"""Every field of LoanFlow's tables has a class of data, and is kept as its class demands. The models say which; this checks it.

What is personal is encrypted, or is a name or an account that stands in clear for a reason of its own kind. What is secret is
hashed, wrapped or encrypted and shows nothing of itself. What is blanked when a borrower is forgotten stays out of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import models

from apps.core.classes import CLASS_OF, DataClass, Kind, declared_by
from apps.vault.fields import BlindIndexField, EncryptedField
from apps.vault.masks import Mask

OTHERS = {"audit"}
"""The log's own tables are evidence: append-only, of references and commitments; audit answers for them."""
OF_EVERY_ROW = {"id", "uuid", "created_at"}
TEXTS = (models.CharField, models.TextField, models.JSONField)


@dataclass(frozen=True, slots=True)
class Classified:
    """One field: its class, its kind (``None``: a link, a key, or what every row has), and whether it is encrypted."""

    model: type[models.Model]
    field: Any
    data_class: DataClass
    kind: Kind | None = None

    @property
    def label(self) -> str:
        """``app.Model.field``."""
        return f"{self.model._meta.label}.{self.field.name}"

    @property
    def is_sealed(self) -> bool:
        """Tell whether the column holds envelopes."""
        return isinstance(self.field, EncryptedField) or self.kind is Kind.SEALED

    @property
    def is_index(self) -> bool:
        """Tell whether it finds a sealed value by a keyed digest."""
        return isinstance(self.field, BlindIndexField)

    @property
    def may_leave(self) -> bool:
        """Tell whether lists and exports may hold it as it stands: what is neither personal nor secret."""
        return self.data_class in (DataClass.PUBLIC, DataClass.INTERNAL)


def classified_models() -> list[type[models.Model]]:
    """Return the models whose fields are classified."""
    own = (model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("apps."))
    return sorted(
        (model for model in own if model._meta.managed and model._meta.app_label not in OTHERS),
        key=lambda model: model._meta.label,
    )


def class_of(model: type[models.Model], field: Any) -> Classified | None:
    """Return what is said of a field; ``None`` where nothing is."""
    if isinstance(field, EncryptedField):
        return Classified(model, field, field.data_class)
    if isinstance(field, BlindIndexField):
        return class_of(model, model._meta.get_field(field.source))
    if field.is_relation or field.name in OF_EVERY_ROW:
        return Classified(model, field, DataClass.INTERNAL)
    kind = declared_by(model).get(field.name)
    return None if kind is None else Classified(model, field, CLASS_OF[kind], kind)


def inventory() -> Iterator[Classified]:
    """Yield every field with what is said of it."""
    for model in classified_models():
        for field in model._meta.concrete_fields:
            said = class_of(model, field)
            if said is not None:
                yield Classified(model, field, said.data_class, said.kind)


def check_data_classes(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse a field without a class, one that is kept otherwise than its class demands, and words about no field."""
    return [checks.Error(words, id=f"vault.{code}") for model in classified_models() for code, words in _faults(model)]


def _faults(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    names = {field.name for field in model._meta.concrete_fields}
    for name in sorted(declared_by(model).keys() - names):
        yield "E003", f"{model._meta.label} says of which class {name} is, and has no such field."
    for field in model._meta.concrete_fields:
        said = class_of(model, field)
        label = f"{model._meta.label}.{field.name}"
        if said is None:
            yield "E002", f"{label} has no class of data: encrypt it, or name it in the model's data_classes."
        elif wrong := _kept_wrongly(model, field, said):
            yield "E004", f"{label} {wrong}"


def _kept_wrongly(model: type[models.Model], field: Any, said: Classified) -> str:
    """What contradicts the class of a field; ``""`` when nothing does."""
    if isinstance(field, EncryptedField):
        bare = said.data_class is DataClass.SECRET and field.mask is not Mask.FULL
        return "is secret, and its mask would show a part of it." if bare else ""
    if said.kind is Kind.FACTS and isinstance(field, TEXTS) and not field.choices:
        return "is declared as facts and holds words: say of which kind they are."
    if said.kind is Kind.SEALED and not isinstance(field, models.BinaryField):
        return "is declared as sealed and is no column of envelopes."
    if said.kind is Kind.NAMES and field.name not in getattr(model, "evidence_hides", ()):
        return "is a name, and not among what the model hides from the log (evidence_hides)."
    return ""
