"""Forms of the people and branches pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.access.roles import POWERFUL, Role
from apps.accounts import selectors
from apps.accounts.models import Branch, Language
from apps.core.forms import AmountField, CleanForm, DayField, MomentField

STAFF_ROLES = [(role.value, role.label) for role in Role if role != Role.BORROWER]


def needs_second() -> str:
    """Sentence that says which roles wait for others to agree."""
    names = " · ".join(str(role.label) for role in Role if role in POWERFUL)
    return gettext(
        "These wait until another administrator, a lead, and compliance or security have agreed: %(roles)s."
    ) % {"roles": names}


class BranchChoice(forms.ModelChoiceField):
    """A branch, indented by its depth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=selectors.branches(), required=False, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name with the code, set in below the branch above."""
        return f"{'— ' * obj.depth}{obj.name} ({obj.code})"


def reason_field() -> forms.CharField:
    """Make the box for a reason, which goes on record."""
    return forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It is recorded. Write no personal data here."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class FilterForm(CleanForm):
    """What the list of people is narrowed to."""

    q = forms.CharField(label=_("Handle"), max_length=40, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *STAFF_ROLES], required=False)
    branch = BranchChoice(label=_("Branch"), empty_label=_("All branches"))


class InviteForm(CleanForm):
    """A new colleague."""

    halves = ("handle", "name", "email", "phone")
    sections = (
        (_("The colleague"), ("handle", "name", "email", "phone", "language")),
        (_("What they may do"), ("roles", "branch", "reason")),
    )

    handle = forms.CharField(
        label=_("Handle"), max_length=40,
        help_text=_("The name in pages and logs, such as officer-12. Not a person's name; it never changes."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Stored encrypted, shown masked."))
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=STAFF_ROLES, widget=forms.CheckboxSelectMultiple,
        help_text=_("Who administers people or policies neither approves nor pays."),
    )  # fmt: skip
    branch = BranchChoice(
        label=_("Branch"), empty_label=_("All branches"), help_text=_("The roles reach this branch and all below it.")
    )
    reason = reason_field()


class GrantForm(CleanForm):
    """One more role."""

    halves = ("role", "branch")

    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES)
    branch = BranchChoice(
        label=_("Branch"), empty_label=_("All branches"), help_text=_("The role reaches this branch and all below it.")
    )
    ends = MomentField(label=_("Ends"), required=False, help_text=_("At most a year from now. Leave empty for a year."))
    bound = forms.BooleanField(
        label=_("Bound to audit engagements"), required=False,
        help_text=_("For external auditors: they read what an engagement names, and nothing while none is in force."),
    )  # fmt: skip
    reason = reason_field()


class DelegationForm(CleanForm):
    """A right that goes into a deputy's hands for a time."""

    halves = ("role", "branch", "starts", "ends")

    deputy = forms.CharField(
        label=_("Deputy"), max_length=40, help_text=_("The handle of a colleague who works on cases.")
    )
    role = forms.ChoiceField(label=_("Role"))
    branch = BranchChoice(
        label=_("Branch"), empty_label=_("wherever you hold the role"),
        help_text=_("The right reaches this branch and all below it."),
    )  # fmt: skip
    most = AmountField(
        label=_("Up to the amount of"), required=False, help_text=_("For approvers: above it the deputy may not sign.")
    )
    starts = MomentField(label=_("Begins"), required=False, help_text=_("Leave empty to begin now."))
    ends = MomentField(label=_("Ends"))
    reason = reason_field()

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, most = self.fields["role"], self.fields["most"]
        if isinstance(role, forms.ChoiceField):
            role.choices = roles
        if isinstance(most, AmountField) and currency:
            most.currency = currency


class RightForm(CleanForm):
    """A right that somebody asks for."""

    halves = ("role", "branch")

    handle = forms.CharField(
        label=_("For"), max_length=40, required=False,
        help_text=_("Leave this empty to ask for yourself, or give the handle of one of your own people."),
    )  # fmt: skip
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES)
    branch = BranchChoice(
        label=_("Branch"), empty_label=_("All branches"), help_text=_("The role reaches this branch and all below it.")
    )
    until = DayField(label=_("Last day"), help_text=_("At most a year from now. You are reminded two weeks before."))
    reason = reason_field()


class ManagerForm(CleanForm):
    """Who somebody reports to."""

    handle = forms.CharField(label=_("Line manager"), max_length=40, help_text=_("The handle of a colleague."))


class ReasonForm(CleanForm):
    """Why something is done to an account."""

    reason = reason_field()


class PurposeForm(CleanForm):
    """What masked data are looked at for."""

    purpose = forms.CharField(
        label=pgettext_lazy("of a look", "Purpose"), max_length=200, help_text=_("It is recorded with your look.")
    )


class BranchForm(CleanForm):
    """A branch; the code is given once."""

    code = forms.CharField(
        label=_("Code"), max_length=12, help_text=_("Capital letters, digits and hyphens; it never changes.")
    )
    name = forms.CharField(label=_("Name of the branch"), max_length=120)
    parent = BranchChoice(label=_("Parent branch"), empty_label=_("nothing (at the top)"))

    def __init__(self, *args: Any, branch: Branch | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if branch is not None:
            del self.fields["code"]


class PasskeyRolesForm(CleanForm):
    """The roles that need a passkey."""

    roles = forms.MultipleChoiceField(
        label=_("Roles that need a passkey"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in Role if role is not Role.BORROWER],
        help_text=_("Whoever holds one of them signs in, steps up and signs with a passkey. Who has none yet signs in with a code and adds one first."),
    )  # fmt: skip
