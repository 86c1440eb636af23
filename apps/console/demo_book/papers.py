"""Scanned papers and photographs of the demo: drawn here, small, and plainly marked as samples."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw


@lru_cache(maxsize=32)
def _page(title: str) -> bytes:
    image = Image.new("RGB", (420, 594), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 396, 570), outline=(150, 150, 150))
    draw.text((48, 48), "SAMPLE", fill=(180, 60, 60))
    draw.text((48, 80), title.replace("_", " ").upper(), fill=(40, 40, 40))
    for line in range(14):
        draw.line((48, 130 + line * 28, 372 - (line * 53) % 120, 130 + line * 28), fill=(205, 205, 205), width=3)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def page(title: str) -> io.BytesIO:
    """A scanned sample page with a title."""
    return io.BytesIO(_page(title))
