"""Documents as PDF: a typst template, data as JSON, fonts of our own. Equal input gives equal bytes.

Data reach a template as one JSON text (``json(bytes(sys.inputs.data))``) and are set as plain text, so that nothing a
person typed is ever read as markup or code. Templates lie under ``templates/`` and can read nothing outside it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Unavailable

FAMILY = Path("@expo-google-fonts") / "noto-sans-sc"
WEIGHTS = ("400Regular", "700Bold")
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def render_pdf(template: str, data: Mapping[str, Any], language: str, *, made_at: dt.datetime = EPOCH) -> bytes:
    """Set ``template`` (a path under ``templates/``, such as ``approval/offer.typ``) with ``data`` and return the PDF.

    ``data`` holds JSON values; ``language`` (``en``, ``zh-hans``) reaches the template as ``sys.inputs.language``;
    ``made_at`` is the document's date of creation. Raises ``Unavailable`` where the fonts are not installed.
    """
    root = template_root()
    pdf = typst.compile(
        root / template,
        root=root,
        font_paths=fonts(font_folder()),
        ignore_system_fonts=True,
        format="pdf",
        timestamp=int(made_at.timestamp()),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True), "language": language},
    )
    return bytes(pdf)


def template_root() -> Path:
    """Folder of the project's templates."""
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    return Path(folders[0])


def font_folder() -> Path:
    """Folder of the document font, among the front-end packages that set-up installs."""
    return Path(settings.NODE_MODULES) / FAMILY


@lru_cache(maxsize=2)
def fonts(folder: Path) -> typst.Fonts:
    """Load the fonts once a process; raises ``Unavailable`` where they are missing."""
    paths = [folder / weight for weight in WEIGHTS]
    if not all(path.is_dir() for path in paths):
        raise Unavailable(_("The fonts for documents are missing. Run “make setup”, then try again."))
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in paths]
    )
