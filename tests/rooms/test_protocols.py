from collections.abc import Sequence
from dataclasses import replace

from pytest_mmbench.protocols import MANY, ModelFeatures
from pytest_mmbench.records import Answer, Prompt, Request, RequestType


class Parrot:
    """A model that has only what it must have."""

    name = "parrot"
    fingerprint = "parrot-1"
    batch_size = 8

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        return [Answer(sample=request.sample, text="A") for request in requests]

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        raise AssertionError


class Prepared(Parrot):
    """A model that has all that it may have."""

    dtype = "bfloat16"
    device = "cuda:0"
    most_pictures = 1
    needs_picture = True

    def prepare(self, request: Request) -> Request:
        return replace(request, new_tokens=7)


REQUEST = Request(sample="q1", type=RequestType.GENERATE, prompt=Prompt(turns=()))


def test_a_model_without_optional_parts_has_their_defaults() -> None:
    """It takes any number of pictures, needs none, and its requests are asked as they are."""
    features = ModelFeatures.of(Parrot())

    assert (features.dtype, features.device) == (None, None)
    assert (features.most_pictures, features.needs_picture) == (MANY, False)
    assert features.prepare(REQUEST) is REQUEST


def test_a_model_may_have_any_optional_part() -> None:
    """What it has counts."""
    features = ModelFeatures.of(Prepared())

    assert (features.dtype, features.device) == ("bfloat16", "cuda:0")
    assert (features.most_pictures, features.needs_picture) == (1, True)
    assert features.prepare(REQUEST).new_tokens == 7
