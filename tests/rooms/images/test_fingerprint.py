from collections.abc import Callable
from itertools import combinations

import PIL.Image
import PIL.ImageDraw
import PIL.ImageOps
import pytest
from clean_questions import encoded, noise, shown

from pytest_mmbench.images.fingerprint import PictureFacts, look_alike, picture_facts

SIZE = (400, 300)


def drawing(seed: int) -> PIL.Image.Image:
    """A page with a picture and a line of text."""
    image = PIL.Image.new("RGB", SIZE, "white")
    image.paste(noise(seed, size=(200, 150)), (40, 30))
    PIL.ImageDraw.Draw(image).text((30, 220), f"No. {seed}: total 12.50", "black", font_size=40)
    return image


def facts(content: bytes) -> PictureFacts:
    return picture_facts(shown("it", content), sample="1")


def dotted(image: PIL.Image.Image) -> PIL.Image.Image:
    """The picture with a small disc more."""
    copy = image.copy()
    PIL.ImageDraw.Draw(copy).ellipse((300, 60, 330, 90), fill="red")
    return copy


COPIES: dict[str, Callable[[PIL.Image.Image], bytes]] = {
    "jpeg": lambda image: encoded(image, "JPEG", quality=60),
    "webp": lambda image: encoded(image, "WEBP", quality=75),
    "half": lambda image: encoded(image.resize((200, 150))),
    "double": lambda image: encoded(image.resize((800, 600))),
}
CHANGES: dict[str, Callable[[PIL.Image.Image], PIL.Image.Image]] = {
    "mirror": PIL.ImageOps.mirror,
    "crop": lambda image: image.crop((40, 30, 400, 300)),
    "disc": dotted,
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_in_another_form_looks_alike(copy: str) -> None:
    """Another format, quality or size."""
    image = drawing(1)

    assert look_alike(facts(encoded(image)), facts(COPIES[copy](image)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_picture_does_not(change: str) -> None:
    """A mirror image, a part of it, or one thing more."""
    image = drawing(1)

    assert not look_alike(facts(encoded(image)), facts(encoded(CHANGES[change](image))))


def test_pages_of_one_template_are_told_apart() -> None:
    """The same layout with another picture and another number."""
    pages = [facts(encoded(drawing(seed))) for seed in range(8)]

    assert not any(look_alike(one, other) for one, other in combinations(pages, 2))


def test_a_form_with_other_numbers_is_another_picture() -> None:
    """Where all edges but those of a few digits are untouched, it is no copy."""
    forms = []
    for total in ("12.50", "13.50", "98.76"):
        image = PIL.Image.new("RGB", (300, 400), "white")
        text = "\n".join([*(f"item {number}   {number}.20" for number in range(9)), total])
        PIL.ImageDraw.Draw(image).multiline_text((20, 20), text, "black", font_size=22)
        forms.append(facts(encoded(image)))

    assert not any(look_alike(one, other) for one, other in combinations(forms, 2))


def test_facts_of_a_picture() -> None:
    """Its size, and that it has one colour; the same pixels have the same digest in any format."""
    plain = PIL.Image.new("RGB", (30, 20), "navy")
    one, other = facts(encoded(plain)), facts(encoded(plain, "BMP"))

    assert (one.width, one.height, one.is_plain, one.is_transparent) == (30, 20, True, False)
    assert one.digest == other.digest != facts(encoded(noise(1))).digest


def test_a_picture_that_cannot_be_shown() -> None:
    """The reason stands in the place of everything else."""
    broken = facts(b"no picture")

    assert broken.problem
    assert broken.digest == ""
