"""Why a file is not taken."""

from __future__ import annotations

from typing import Any

from apps.core.errors import BadInput


class UploadRefused(BadInput):
    """A file that is not taken; hangs on the form's field ``file``."""

    def __init__(self, sentence: Any) -> None:
        super().__init__({"file": [sentence]})
