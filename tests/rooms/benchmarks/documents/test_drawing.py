"""Pictures: their bytes, and that everything lies on the page and apart."""

from __future__ import annotations

import hashlib
from io import BytesIO
from itertools import combinations

import PIL
import pytest
from PIL import Image, ImageDraw, ImageFont

from pytest_mmbench.benchmarks.documents.drawing import draw, png
from pytest_mmbench.benchmarks.documents.page import Page, Text
from pytest_mmbench.benchmarks.documents.questions import AXES, DEFAULT_SEED, make_record
from pytest_mmbench.errors import DataError

PINNED = "13.0.0"
"""Of Pillow, as constraints.txt has it: another one may bring another FreeType."""


def _box(text: Text) -> tuple[float, float, float, float]:
    pen = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    font = ImageFont.load_default(text.size)
    return pen.textbbox(text.at, text.text, font=font, anchor=text.anchor)


@pytest.mark.parametrize("axis", AXES)
def test_texts_lie_on_the_page_and_apart(axis: str) -> None:
    """Nothing is cut off at an edge, and no two texts touch."""
    for number in range(40):
        page = make_record(31, axis, number).page
        boxes = [_box(text) for text in page.texts]
        for left, top, right, bottom in boxes:
            assert 0 <= left < right <= page.width
            assert 0 <= top < bottom <= page.height
        for one, other in combinations(boxes, 2):
            beside = one[2] < other[0] or other[2] < one[0]
            above = one[3] < other[1] or other[3] < one[1]
            assert beside or above


def test_encoded_picture_is_the_drawn_one() -> None:
    """PNG loses nothing, and the same page gives the same bytes."""
    page = make_record(1, "boxes", 0).page

    assert Image.open(BytesIO(png(page))).tobytes() == draw(page).tobytes()
    assert png(page) == png(page)


@pytest.mark.skipif(PIL.__version__ != PINNED, reason=f"the pixels are those of Pillow {PINNED}")
@pytest.mark.parametrize(
    ("axis", "pixels"),
    [
        ("directions", "df0cef50f22cd0c6"),
        ("totals", "034b7622737871ac"),
        ("axes", "e8a57fdd43cfacdb"),
        ("boxes", "8dcd02a88dea35b7"),
    ],
)
def test_published_pictures_never_change(axis: str, pixels: str) -> None:
    """The default set's pictures stay what they were when scores were published."""
    picture = draw(make_record(DEFAULT_SEED, axis, 7).page)

    assert hashlib.sha256(picture.tobytes()).hexdigest()[:16] == pixels


def test_a_pillow_without_freetype_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no font that can be drawn in a size; the error says what to install."""

    def load_default(size: float) -> None:
        raise ImportError(f"no font of {size}: The _imagingft C module is not installed")

    page = Page(width=8, height=8, ground=(0, 0, 0), marks=(Text(text="a", at=(0, 0), size=63),))
    monkeypatch.setattr(ImageFont, "load_default", load_default)

    with pytest.raises(DataError, match="need a Pillow with FreeType"):
        draw(page)
