"""What every page draws with: icons, figures, times, badges, form fields."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from apps.core import clock, figures, icons, labels, once, times
from apps.core.checking import read_in
from apps.core.glossary import TERMS

register = template.Library()

TONES = {
    "draft": "secondary", "intake": "azure", "credit_review": "blue", "collateral_check": "cyan", "approval": "indigo",
    "offered": "purple", "contracting": "purple", "conditions": "teal", "payout": "teal", "active": "green",
    "completed": "green", "waiting": "yellow", "declined": "red", "expired": "secondary", "withdrawn": "secondary",
    "paid": "green", "paying": "azure", "prepared": "azure", "released": "blue", "rejected": "red", "closed": "secondary",
    "overdue": "red", "approved": "green", "accepted": "green", "refused": "red", "failed": "red", "done": "green",
}  # fmt: skip
GRADES = {"A": "green", "B": "green", "C": "yellow", "D": "red", "E": "red"}
TONE_WORDS = {"good": _t("in order"), "warn": _t("needs attention"), "bad": _t("not in order")}
"""What a colour of an icon says to those who do not see it."""
NEAR = dt.timedelta(hours=8)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw a Tabler line icon; with a ``label`` or a tone it speaks, without them screen readers pass it by."""
    return _drawn(str(name), str(label or TONE_WORDS.get(css, "")), str(css))


@functools.lru_cache(maxsize=2048)
def _drawn(name: str, words: str, css: str) -> SafeString:
    said = format_html('role="img" aria-label="{}"', words) if words else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        css, said, mark_safe(icons.paths_of(name)),  # noqa: S308  a file of a locked package
    )  # fmt: skip


@register.filter
def amount(value: Any, currency: str = "") -> str:
    """Write an amount to the minor unit; with a currency its code stands before it: ``CNY 1,200,000.00``."""
    return _with_code(figures.amount(value, currency), currency)


@register.filter
def amount_brief(value: Any, currency: str = "") -> str:
    """Write an amount without decimals that are all zero: ``CNY 1,200,000``."""
    return _with_code(figures.amount(value, currency, brief=True), currency)


def _with_code(text: str, currency: str) -> str:
    return f"{currency}\u00a0{text}" if currency and text != figures.NOTHING else text


@register.filter
def percent(value: Any, places: int | None = None) -> str:
    """Write a percentage given in percent: ``5.35 %``."""
    return figures.percent(value, places)


@register.filter
def share(value: Any, places: int | None = None) -> str:
    """Write a fraction of one as a percentage: ``0.62`` as ``62 %``."""
    return figures.percent(Decimal(str(value)) * 100, places) if figures.is_number(value) else figures.NOTHING


@register.filter
def figure(value: Any, places: int | None = None) -> str:
    """Write a plain number with the locale's separators."""
    return figures.number(value, places) if figures.is_number(value) else figures.NOTHING


@register.filter
def signed(value: int) -> str:
    """Write a whole number with its sign, a minus as wide as a plus: ``+24``, ``−4``."""
    return (f"{value:+d}" if value else "0").replace("-", "−")


@register.filter
def when(value: dt.datetime | dt.date | None) -> str:
    """Write a moment relative to now with the exact one as its title; days are written as days."""
    if value is None:
        return figures.NOTHING
    if not isinstance(value, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), times.day(value, clock.now()))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(), times.exact(value), times.relative(value, clock.now()),
    )  # fmt: skip


@register.filter
def exact(value: dt.datetime | None) -> str:
    """Write a moment to the minute with its time zone."""
    return times.exact(value) if value else figures.NOTHING


@register.filter
def moment(value: dt.datetime) -> str:
    """Write when something was to the minute, with its day where that is not today; the exact moment is its title."""
    words = (value.isoformat(), times.exact(value), times.moment(value, clock.now()))
    return format_html('<time datetime="{}" title="{}">{}</time>', *words)


@register.filter
def since(value: dt.datetime | None) -> str:
    """Write how long ago a moment was, without ``ago``, with the exact one as its title."""
    if value is None:
        return figures.NOTHING
    words = (value.isoformat(), times.exact(value), times.span(clock.now() - value))
    return format_html('<time datetime="{}" title="{}">{}</time>', *words)


@register.filter
def masked(value: Any) -> str:
    """Write an encrypted value as its mask. A plain text given by mistake is hidden altogether."""
    if not value:  # comparing would open it
        return figures.NOTHING
    shown = getattr(value, "masked", getattr(value, "text", "••••••"))
    return format_html('<span class="masked">{}</span>', shown or figures.NOTHING)


def _badge(tone: str, words: Any, css: str = "") -> SafeString:
    return format_html('<span class="badge bg-{}-lt {}">{}</span>', tone, css, words)


@register.filter
def state_badge(value: Any, label: Any = "") -> str:
    """Draw a state as a badge, from an object with ``state`` or from the state's name and a label."""
    name = str(getattr(value, "state", value))
    shown = label or (value.get_state_display() if hasattr(value, "get_state_display") else name.replace("_", " "))
    return _badge(TONES.get(name, "secondary"), shown)


@register.filter
def grade_badge(value: str) -> str:
    """Draw a risk grade as a badge."""
    return _badge(GRADES.get(value[:1], "secondary"), value) if value else figures.NOTHING


@register.filter
def due_badge(value: Any) -> str:
    """Draw a deadline as a badge, from a moment or an object with ``due_at``: how long is left, late, or paused."""
    if getattr(value, "paused_seconds", None) is not None:
        return _badge("secondary", _("paused"))
    due = getattr(value, "due_at", value)
    if not isinstance(due, dt.datetime):
        return figures.NOTHING
    left = due - clock.now()
    if left < dt.timedelta(0):
        return _titled(_badge("red", _("overdue %(span)s") % {"span": times.span(left)}), due)
    return _titled(_badge("orange" if left < NEAR else "green", times.span(left)), due)


def _titled(badge: SafeString, moment: dt.datetime) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), times.exact(moment), badge)


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """Draw a form field's control, marked as wrong when it has errors."""
    css = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{css} is-invalid".strip()} if field.errors else None)


@register.simple_tag
def sections(form: BaseForm | None) -> list[tuple[str, list[BoundField]]]:
    """The fields that are seen, in the sections that the form names (``sections``: title and names): what none names comes first."""
    if not form:  # a page that has none just now
        return []
    left = {field.name: field for field in form.visible_fields()}
    named = [
        (str(title), [left.pop(name) for name in names if name in left])
        for title, names in getattr(form, "sections", ())
    ]
    return [(title, fields) for title, fields in [("", list(left.values())), *named] if fields]


@register.simple_tag
def fresh_mark() -> str:
    """A mark for a form that stands on another page than its own, so that it is done once."""
    return once.fresh()


@register.simple_tag
def understood(field: BoundField) -> str | None:
    """What the house reads in an amount or a day, to stand beside it; ``None`` for fields that are read as they stand."""
    value = getattr(field.form, "cleaned_data", {}).get(field.name) if field.form.is_bound else field.initial
    return read_in(field.field, value)


@register.simple_tag(takes_context=True, name="help")
def help_button(context: template.Context, code: str) -> SafeString:
    """A button that explains a term of the glossary in place; nothing for what needs no explanation.

    Without any script: the browser opens what stands beside it. A term's text stands in a page once, however many buttons.
    """
    term = TERMS.get(code)
    if term is None:
        return mark_safe("")
    told: set[str] = getattr(context.get("request"), "terms_told", set())
    words = {"code": code, "term": term, "first": code not in told}
    told.add(code)
    if (request := context.get("request")) is not None:
        request.terms_told = told
    return mark_safe(render_to_string("core/help.html", words))  # noqa: S308 - our own template


@register.simple_tag
def bar(value: Any, largest: Any = 100, tone: str = "blue", label: str = "") -> str:
    """Draw a horizontal bar of ``value`` against ``largest``; the figure itself must stand beside it."""
    whole = float(largest or 0)
    width = min(100.0, abs(float(value or 0)) / whole * 100) if whole else 0.0
    return render_to_string("core/bar.html", {"width": f"{width:.1f}", "tone": tone, "label": label})


@register.filter
def colon(value: Any) -> str:
    """Write a word that announces what stands after it, with the language's own colon and space."""
    return f"{value}{labels.colon()}"


@register.filter
def capped(count: int, most: int = 99) -> str:
    """Write a count, or ``99+`` above it."""
    return f"{most}+" if count > most else str(count)


@register.filter
def listed(names: Iterable[Any]) -> str:
    """Write names one after another, parted as the language parts them."""
    return labels.listed(names or ())
