"""The list of conditions that approvers choose from: added to and retired by who manages policies, never deleted."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.approval.models import ConditionKind, ConditionTemplate
from apps.approval.seeds import CONDITIONS
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A condition for the list; ``due_days`` counts from the first payout, for those that follow it."""

    code: str
    kind: str
    applies_to: str
    text_en: str
    text_zh: str = ""
    due_days: int | None = None


@act
def template_add(*, actor: Actor, draft: TemplateDraft) -> ConditionTemplate:
    """Add a condition to the list; cases take it from their next entry into approval."""
    authorize(actor, Permission.POLICY_MANAGE)
    _check(draft)
    template = ConditionTemplate(
        code=draft.code, kind=draft.kind, applies_to=draft.applies_to, due_days=draft.due_days, text_en=draft.text_en,
        text_zh=draft.text_zh,
    )  # fmt: skip
    try:
        template.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise BadInput(error.message_dict) from error
    template.save()
    record(Tag.CONDITION_LISTED, actor=actor, subject=template, note={"code": template.code})
    return template


@act
def template_use(*, actor: Actor, template: ConditionTemplate, in_use: bool) -> ConditionTemplate:
    """Retire a condition from the list, or put it back; where it is set it stays set."""
    authorize(actor, Permission.POLICY_MANAGE)
    locked = ConditionTemplate.objects.select_for_update().get(pk=template.pk)
    locked.is_active = in_use
    locked.save(update_fields=["is_active"])
    record(Tag.CONDITION_LISTED, actor=actor, subject=locked, note={"code": locked.code, "in_use": in_use})
    return locked


def templates_seed() -> None:
    """Add the first conditions that are not there yet, inside the open act of whoever lays them down."""
    known = set(ConditionTemplate.objects.values_list("code", flat=True))
    for code, kind, applies_to, due_days, text_en, text_zh in CONDITIONS:
        if code not in known:
            ConditionTemplate.objects.create(
                code=code, kind=kind, applies_to=applies_to, due_days=due_days, text_en=text_en, text_zh=text_zh
            )


def _check(draft: TemplateDraft) -> None:
    errors = {}
    if ConditionTemplate.objects.filter(code=draft.code).exists():
        errors["code"] = [_("This code is taken. Choose another.")]
    if draft.kind == ConditionKind.SUBSEQUENT and not draft.due_days:
        errors["due_days"] = [_("Say within how many days of the first payout it is met.")]
    if draft.kind == ConditionKind.PRECEDENT and draft.due_days:
        errors["due_days"] = [_("A condition before payout has no days after it.")]
    if errors:
        raise BadInput(errors)
