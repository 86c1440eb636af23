"""Draws one page of an untrusted file, in a process that holds no secret and is stopped when it takes too much.

``cage.py`` runs it with an empty environment: a line of JSON on standard input says what is asked, the file follows it once the
cage is locked. What it answers is a picture or JSON on standard output; why it cannot is the exit code. It imports nothing of LoanFlow.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw, ImageFont, ImageOps, MpoImagePlugin, TiffImagePlugin

LOCKED, DAMAGED, TOO_LARGE = 3, 4, 5
MOST_PIXELS = 80_000_000
TALLEST = 4  # times as tall as wide; what is taller is drawn narrower
LOCKED_CODE = 4  # FPDF_ERR_PASSWORD
GREY, STRENGTH, TURN = (110, 110, 110), 90, 28
ROOM = 640  # pixels across that the words need
READERS = (MpoImagePlugin, TiffImagePlugin)
"""What phones' photographs need beside the usual readers; once the door is shut nothing can be loaded."""


class TooLarge(Exception):
    """More pixels than may be drawn."""


def shape(asked: dict[str, Any], content: bytes) -> bytes:
    """How many pages there are, and how large the pictures of those asked for will be, as JSON."""
    if asked["kind"] != "pdf":
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            bounded(*image.size)
            size = framed(*turned(image, fitted(image.size, asked["width"])))
        return json.dumps({"pages": 1, "sizes": [size]}).encode()
    pdf = pypdfium2.PdfDocument(content)
    last = min(len(pdf), asked["first"] + asked["count"] - 1)
    sizes = []
    for at in range(asked["first"], last + 1):
        width, height = pdf.get_page_size(at - 1)
        scale = scale_of(width, height, asked["width"])
        sizes.append(framed(math.ceil(width * scale), math.ceil(height * scale)))
    return json.dumps({"pages": len(pdf), "sizes": sizes}).encode()


def scale_of(width: float, height: float, most: int) -> float:
    """How many pixels a unit of a PDF's page gets."""
    return min(most / width, TALLEST * most / height)


def fitted(size: tuple[int, int], most: int) -> tuple[int, int]:
    """Size of an image that is made no larger than asked for."""
    factor = min(1, most / size[0], TALLEST * most / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def framed(width: int, height: int) -> tuple[int, int]:
    """Size of a picture with room for the words and the strip below it."""
    wide = max(width, ROOM)
    return wide, height + 2 * letter_size(wide)


def letter_size(width: int) -> int:
    """Height of the words on a picture."""
    return max(13, width // 60)


def turned(image: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """Size of an image as its camera held it."""
    sideways = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    return (size[1], size[0]) if sideways else size


def bounded(width: float, height: float) -> None:
    """Refuse more pixels than may be drawn."""
    if width * height > MOST_PIXELS:
        raise TooLarge


def page(asked: dict[str, Any], content: bytes) -> bytes:
    """One page as a marked JPEG."""
    drawn = pdf_page(content, asked) if asked["kind"] == "pdf" else picture(content, asked["width"])
    made = io.BytesIO()
    marked(drawn, asked["words"], asked["font"]).save(made, "JPEG", quality=82)
    return made.getvalue()


def pdf_page(content: bytes, asked: dict[str, Any]) -> Image.Image:
    """A page of a PDF with what was filled into its forms; programs in it never run, the renderer has no engine for them."""
    pdf = pypdfium2.PdfDocument(content)
    if pdf.get_formtype():
        pdf.init_forms()
    found = pdf[asked["page"] - 1]
    width, height = found.get_size()
    scale = scale_of(width, height, asked["width"])
    bounded(max(1, width * scale), max(1, height * scale))
    drawn: Image.Image = found.render(scale=scale).to_pil()
    return drawn.convert("RGB")


def picture(content: bytes, width: int) -> Image.Image:
    """A photograph or scan, upright and no larger than asked for."""
    image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    bounded(*image.size)
    image.draft("RGB", (width, width))
    image.thumbnail((width, TALLEST * width))
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    ground = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(ground, upright).convert("RGB")


def marked(image: Image.Image, words: str, font: bytes) -> Image.Image:
    """The image with the words across all of it, and once more on a strip below it; a small one gets room for them."""
    width, height = framed(*image.size)
    size = letter_size(width)
    letters = ImageFont.truetype(io.BytesIO(font), size) if font else ImageFont.load_default(size)
    whole = Image.new("RGB", (width, height), "white")
    whole.paste(image, (0, 0))
    stamped(whole, stamp_of(words, letters, size), size)
    ImageDraw.Draw(whole).text((size // 2, image.height + size // 3), words, (40, 40, 40), letters)
    return whole


def stamped(whole: Image.Image, stamp: Image.Image, size: int) -> None:
    """Press the stamp all over, each row set off against the one above."""
    down, across = stamp.height + 3 * size, stamp.width + 2 * size
    for row, top in enumerate(range(-size, whole.height, down)):
        for left in range(-across // 2 if row % 2 else 0, whole.width, across):
            whole.paste(GREY, (left, top), stamp)


def stamp_of(words: str, letters: Any, size: int) -> Image.Image:
    """The words, turned, as a mask."""
    width = int(letters.getlength(words)) + size
    flat = Image.new("L", (width, 2 * size), 0)
    ImageDraw.Draw(flat).text((size // 2, size // 4), words, STRENGTH, letters)
    return flat.rotate(TURN, Image.Resampling.BILINEAR, expand=True)


def answer(asked: dict[str, Any], content: bytes) -> bytes | int:
    """What was asked for, or the code that says why not."""
    try:
        return {"shape": shape, "page": page}[asked["do"]](asked, content)
    except pypdfium2.PdfiumError as error:
        return LOCKED if getattr(error, "err_code", None) == LOCKED_CODE else DAMAGED
    except (TooLarge, MemoryError, Image.DecompressionBombError):
        return TOO_LARGE
    except (OSError, SyntaxError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return DAMAGED


def main(lock: Callable[[], None]) -> int:
    """Answer what standard input asks; of what a stranger sent nothing is looked at before ``lock`` has shut the door."""
    asked = json.loads(sys.stdin.buffer.readline())
    Image.preinit()
    asked["font"] = Path(asked["font"]).read_bytes() if asked.get("font") else b""
    lock()
    made = answer(asked, sys.stdin.buffer.read())
    if isinstance(made, int):
        return made
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0
