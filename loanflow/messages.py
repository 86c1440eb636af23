"""Reads the words to translate out of Django's templates, for Babel: bare machines have no GNU gettext."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_javascript
from django.conf import settings
from django.utils.translation.template import templatize

PREFIX = re.compile(r"\bu(?=['\"])")


def extract_django(
    fileobj: IO[bytes], keywords: Any, comment_tags: list[str], options: dict[str, Any]
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield line, function, message and comments of every translated text of a template.

    Django turns a template into calls with quoted texts; a lexer that knows no indentation reads them.
    """
    if not settings.configured:
        settings.configure(USE_I18N=True)
    calls = PREFIX.sub("", templatize(fileobj.read().decode()))
    yield from extract_javascript(BytesIO(calls.encode()), keywords, comment_tags, {"parse_template_string": False})
