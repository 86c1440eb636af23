"""Sentences about factors that several places say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PASSKEY_NEEDED = _("Your role needs a passkey: a one-time code does not do.")
