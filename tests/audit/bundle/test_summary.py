"""The paper says what was asked for with all that narrowed it: a part is never called the whole log."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from apps.audit.manifest import Order
from apps.audit.sampling import Sample
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, Scope
from apps.audit.services.exporting import export_made
from tests.audit.bundles import AUDITOR, WHY, bundle_bytes, files_of, log_made


@pytest.fixture(scope="module")
def made(shared_db: str) -> str:
    """A log."""
    return log_made()[0]


def paper(bundle: bytes) -> str:
    """The words of the paper in a bundle."""
    pages = PdfReader(io.BytesIO(files_of(bundle)["summary.pdf"])).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_whole_log_is_called_so(made: str):
    words = paper(bundle_bytes())
    assert "The whole log" in words
    assert "Only" not in words


def test_a_scope_and_a_sample_stand_beside_the_question(made: str):
    words = paper(bundle_bytes(scope=Scope(areas=frozenset({"accounts"}))))
    assert "areas = ['accounts']" in words
    assert "The whole log" not in words
    order = Order(NO_FILTER, WHOLE_LOG, "bundle", WHY, sample=Sample(2, "7"))
    with export_made(order, actor=AUDITOR).file as file:
        words = paper(file.read())
    assert "size = 2, seed = 7, population = " in words
    assert "The whole log" not in words
