"""A condition costs no picture that it does not show."""

from __future__ import annotations

import io
from collections.abc import Callable

import PIL.Image
import pytest
from PIL.JpegImagePlugin import JpegImageFile

from pytest_mmbench.benchmarks.prompts import single_turn
from pytest_mmbench.conditions import condition
from pytest_mmbench.models.local import LocalModel
from pytest_mmbench.records import Picture, Request, RequestType, Sample

pytestmark = pytest.mark.torch

SIDES = range(20, 26)
"""Of the benchmark's pictures, each another one: JPEG files, while those of conditions are PNG."""


class Jpeg:
    """A picture that counts how often its bytes are read."""

    def __init__(self, side: int) -> None:
        self.reads = 0
        encoded = io.BytesIO()
        PIL.Image.new("RGB", (side, side), (side, 9 * side, 0)).save(encoded, "JPEG")
        self._content = encoded.getvalue()

    def read(self) -> bytes:
        self.reads += 1
        return self._content


@pytest.fixture
def jpegs() -> dict[int, Jpeg]:
    """The benchmark's pictures by their sides."""
    return {side: Jpeg(side) for side in SIDES}


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sides of the JPEG files whose pixels have been decoded."""
    sides: list[int] = []
    load = JpegImageFile.load

    def noted(file: JpegImageFile) -> object:
        sides.append(file.width)
        return load(file)

    monkeypatch.setattr(JpegImageFile, "load", noted)
    return sides


def ask(model: LocalModel, name: str, jpegs: dict[int, Jpeg], sides: list[int]) -> None:
    """Ask about the pictures of these sides under a condition that knows all of them."""
    samples = [
        Sample(
            id=str(side),
            dimension="probe.colour",
            question="What colour is this?",
            options=("red", "green and blue"),
            target="A",
            pictures=(Picture(name=f"{side}.jpg", read=jpeg.read),),
        )
        for side, jpeg in jpegs.items()
    ]
    shown = condition(name)(samples, seed=0)
    model.rank([request(each) for each in shown if int(each.id) in sides])


def request(sample: Sample) -> Request:
    return Request(
        sample=sample.id,
        type=RequestType.LOGLIKELIHOOD,
        prompt=single_turn(sample.pictures, sample.question),
        options=sample.options,
    )


def test_a_picture_that_is_asked_about_is_decoded(
    models: Callable[[str], LocalModel], jpegs: dict[int, Jpeg], decoded: list[int]
) -> None:
    """What is counted here does happen, and to no other picture."""
    ask(models("llava"), "image", jpegs, [20, 21])
    assert set(decoded) == {20, 21}
    assert {side for side, jpeg in jpegs.items() if jpeg.reads} == {20, 21}


def test_no_image_reads_nothing(
    models: Callable[[str], LocalModel], jpegs: dict[int, Jpeg], decoded: list[int]
) -> None:
    """Neither bytes nor pixels."""
    ask(models("llava"), "no-image", jpegs, list(SIDES))
    assert decoded == []
    assert not any(jpeg.reads for jpeg in jpegs.values())


def test_no_image_asks_without_picture_tokens(
    models: Callable[[str], LocalModel], jpegs: dict[int, Jpeg], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network sees text alone."""
    model = models("llava")
    seen: list[dict[str, object]] = []
    hook = model._network.register_forward_pre_hook(
        lambda _network, _args, inputs: seen.append(inputs), with_kwargs=True
    )
    ask(model, "no-image", jpegs, [20, 21])
    hook.remove()
    token = model._network.config.image_token_id
    assert seen
    assert all("pixel_values" not in inputs for inputs in seen)
    assert not any((inputs["input_ids"] == token).any() for inputs in seen)


@pytest.mark.parametrize("name", ["grey", "black", "white", "noise"])
def test_altered_pictures_take_the_size_alone(
    name: str, models: Callable[[str], LocalModel], jpegs: dict[int, Jpeg], decoded: list[int]
) -> None:
    """No pixel of the original is decoded, and no other file is read."""
    ask(models("llava"), name, jpegs, [20, 21])
    assert decoded == []
    assert {side for side, jpeg in jpegs.items() if jpeg.reads} == {20, 21}


def test_mismatched_decodes_what_it_shows(
    models: Callable[[str], LocalModel], jpegs: dict[int, Jpeg], decoded: list[int]
) -> None:
    """One picture for each question, and not the question's own; bytes of both are compared."""
    ask(models("llava"), "mismatched", jpegs, [20])
    assert len(set(decoded)) == 1
    assert 20 not in decoded
    assert {side for side, jpeg in jpegs.items() if jpeg.reads} == {20, *decoded}
