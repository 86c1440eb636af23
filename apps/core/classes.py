"""The classes of data: how much harm it does when it is read by somebody it is not for."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DataClass(TextChoices):
    """From the harmless to the worst."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")
    PERSONAL = "personal", _("personal")
    SECRET = "secret", _("secret")
