"""Photographs and scans: whole, of a reasonable size, and really images."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from apps.applications.uploads.refusal import UploadRefused

MOST_PIXELS = 80_000_000
FORMATS = ("JPEG", "PNG")


def check(stream: BinaryIO) -> None:
    """Decode the image once; raises ``UploadRefused``. The number of pixels is checked before anything is decoded."""
    try:
        with Image.open(stream, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UploadRefused(_("The image has too many pixels. Make it smaller."))
            image.verify()
        stream.seek(0)
        with Image.open(stream, formats=FORMATS) as image:
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UploadRefused(_("The image is damaged or incomplete. Upload it again.")) from error
