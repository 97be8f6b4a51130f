import dataclasses
import itertools
from collections.abc import Sequence

import pytest

from pytest_mmbench.benchmarks.prompts import single_turn
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.models.scripted import ScriptedModel
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import (
    Answer,
    Dimension,
    Method,
    OptionLogprob,
    Picture,
    Request,
    Sample,
)
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO
from pytest_mmbench.testing import check_benchmark, check_model, samples, script


class Wrapped(Shapes):
    """A sound benchmark, in which a test breaks one thing."""

    def __init__(self) -> None:
        super().__init__(per_axis=2)


class Telltale(Wrapped):
    def request(self, sample: Sample, method: Method) -> Request:
        asked = super().request(sample, method)
        return dataclasses.replace(asked, prompt=single_turn((), f"hint: {sample.target}"))


class Restless(Wrapped):
    def __init__(self) -> None:
        super().__init__()
        self.calls = itertools.count()

    def sample(self, id: str) -> Sample:
        return dataclasses.replace(super().sample(id), question=str(next(self.calls)))


class Flickering(Wrapped):
    def sample(self, id: str) -> Sample:
        reads = itertools.count()
        picture = Picture(name="p", read=lambda: str(next(reads)).encode())
        shared = self.__dict__.setdefault("shared", {}).setdefault(id, picture)
        return dataclasses.replace(super().sample(id), pictures=(shared,))


class Repetitive(Wrapped):
    def ids(self, leaf: str) -> Sequence[str]:
        return [super().ids(leaf)[0]] * 2


class Miscounted(Wrapped):
    def dimensions(self) -> tuple[Dimension, ...]:
        root, *rest = super().dimensions()
        return dataclasses.replace(root, size=root.size + 1), *rest


class Upturned(Wrapped):
    def dimensions(self) -> tuple[Dimension, ...]:
        root, capability, axis, *rest = super().dimensions()
        return root, axis, capability, *rest


class Offtarget(Wrapped):
    def sample(self, id: str) -> Sample:
        return dataclasses.replace(super().sample(id), target="E")


class Uniform(Wrapped):
    def sample(self, id: str) -> Sample:
        sample = super().sample(id)
        alike = [dataclasses.replace(each, identity=lambda: "x") for each in sample.pictures]
        return dataclasses.replace(sample, pictures=tuple(alike))


@pytest.mark.parametrize(
    ("benchmark", "complaint"),
    [
        (Telltale, "depends on the target"),
        (Restless, "differs at the second call"),
        (Flickering, "differs at the second reading"),
        (Repetitive, "two samples are called"),
        (Miscounted, "wrong size"),
        (Upturned, "comes before shapes"),
        (Offtarget, "target is no option"),
        (Uniform, "has the identity of a picture of other bytes"),
    ],
)
def test_a_broken_benchmark_is_told_what_is_broken(
    benchmark: type[Wrapped], complaint: str
) -> None:
    """Each promise of the contract is checked, and named when it is not kept."""
    with pytest.raises(AssertionError, match=complaint):
        check_benchmark(benchmark())


class Neighbourly(ScriptedModel):
    """Answers depend on the size of the batch."""

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        even = OptionLogprob(logprob=-float(len(requests)), tokens=1)
        return [
            Answer(sample=each.sample, option_logprobs=(even,) * len(each.options))
            for each in requests
        ]


def test_a_model_whose_answers_depend_on_the_batch_is_caught() -> None:
    """The likelihoods of a batch have to be those of single requests."""
    with pytest.raises(AssertionError, match="depends on the batch"):
        check_model(Neighbourly({}), Shapes(per_axis=2), method=Method.RANK)


@pytest.mark.parametrize("accuracy", [0.0, 0.5, 1.0])
def test_a_script_is_right_as_often_as_asked(accuracy: float) -> None:
    """In every leaf exactly the given fraction of the scripted letters is the target."""
    benchmark = Shapes(per_axis=10)
    answers = script(benchmark, accuracy=accuracy)

    for leaf in benchmark.dimensions()[0].leaves:
        right = sum(answers[id] == benchmark.sample(id).target for id in benchmark.ids(leaf))
        assert right == accuracy * 10
    assert len(answers) == len(list(samples(benchmark)))


class YesOrNo(Wrapped):
    """A benchmark that asks for words and knows no letters."""

    def sample(self, id: str) -> Sample:
        asked = super().sample(id)
        return dataclasses.replace(asked, options=("Yes", "No"), target="B")

    def scorer(self, method: Method) -> Scorer:
        return STRICT_YES_NO if method is Method.GENERATE else super().scorer(method)


@pytest.mark.parametrize(("accuracy", "said"), [(1.0, "No"), (0.0, "Yes")])
def test_a_script_has_words_where_no_letters_are_read(accuracy: float, said: str) -> None:
    """What it says is what the benchmark's own rule can read."""
    assert set(script(YesOrNo(), accuracy=accuracy).values()) == {said}
