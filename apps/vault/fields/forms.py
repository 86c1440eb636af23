"""Form fields of encrypted model fields: they never print what is stored, and an empty box keeps it."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.vault.secret import Secret


class SecretFormField(forms.Field):
    """Mixed in front of an ordinary form field."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Show the mask as the placeholder of an empty box, which then may stay empty."""
        stored = form.get_initial_for_field(self, field_name)
        if isinstance(stored, Secret) and stored:
            self.required = self.widget.is_required = False
            self.widget.attrs["placeholder"] = stored.masked
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        """Print what was typed, never what is stored."""
        return "" if isinstance(value, Secret) else super().prepare_value(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Anything typed over a stored value is a change."""
        return bool(data) if isinstance(initial, Secret) else super().has_changed(initial, data)


def secret_form_field(field: forms.Field | None) -> forms.Field | None:
    """Give an ordinary form field the manners of a secret one."""
    if field is not None:
        field.__class__ = type(f"Secret{type(field).__name__}", (SecretFormField, type(field)), {})
    return field
