"""Forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.models import Language
from apps.core.forms import CleanForm

PASSWORD_LIMIT = 128  # longer ones would only cost time to hash


def password_field(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    """Make a password box that managers recognise; spaces count."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"})
    return forms.CharField(label=label, max_length=PASSWORD_LIMIT, strip=False, widget=widget, **kwargs)


def code_field(label: Any, **kwargs: Any) -> forms.CharField:
    """Make a box for a six-digit code."""
    attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false", "data-demo-code": ""}
    return forms.CharField(label=label, max_length=16, widget=forms.TextInput(attrs=attrs), **kwargs)


class SignInForm(CleanForm):
    """Name and password; in the demo, and for who has it at hand, the one-time code too."""

    name = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field(_("Password"), "current-password")
    code = code_field(
        _("One-time code"), required=False, help_text=_("You may leave this empty; it is asked for next.")
    )

    def __init__(self, *args: Any, with_code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class CodeForm(CleanForm):
    """A one-time code."""

    code = code_field(_("One-time code"), help_text=_("The six digits that your authenticator app shows now."))


class FactorForm(CodeForm):
    """A one-time code, unless a passkey answers in its place (``by_passkey``)."""

    def __init__(self, *args: Any, by_passkey: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = not by_passkey


class PasskeyForm(CleanForm):
    """What a new passkey is called."""

    name = forms.CharField(
        label=pgettext_lazy("passkey", "Name"), max_length=60, help_text=_("How you tell it from others, such as “work laptop”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class EmailCodeForm(CleanForm):
    """A code that was sent to a borrower."""

    code = code_field(pgettext_lazy("six digits", "Code"), help_text=_("The six digits that we sent you."))


class RecoveryForm(CleanForm):
    """A recovery code."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        help_text=_("Six groups of four, such as K7QF-9MTR-XW3B-HD5S-Q2VN-8RTC. Each code works once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class NewPasswordForm(CleanForm):
    """A new password, twice."""

    password = password_field(
        _("New password"),
        "new-password",
        help_text=_("At least 12 characters. A sentence of four or five words is easy to keep and hard to guess."),
    )
    again = password_field(_("New password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """See that both are the same."""
        data: dict[str, Any] = super().clean() or {}
        if "again" in data and data.get("password") is not None and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ."))
        return data


class PasswordForm(NewPasswordForm):
    """Changing one's password."""

    current = password_field(_("Current password"), "current-password")
    field_order = ("current", "password", "again")


class LanguageForm(CleanForm):
    """Language of pages and mail."""

    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, widget=forms.RadioSelect)


def address_field(label: Any, **kwargs: Any) -> forms.EmailField:
    """Make a box for one's own e-mail address."""
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs=attrs), **kwargs)


class RegisterForm(CleanForm):
    """The address to send a link to. ``website`` stands where people do not see it and machines fill it in."""

    email = address_field(_("E-mail address"))
    website = forms.CharField(
        label=_("Leave this field empty"), required=False, max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )  # fmt: skip


class RegisterFinishForm(NewPasswordForm):
    """The address once more, one's name, and a password."""

    email = address_field(_("E-mail address"), help_text=_("The one that we sent the link to."))
    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("As it stands in your identity document."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )  # fmt: skip
    field_order = ("email", "name", "password", "again")
