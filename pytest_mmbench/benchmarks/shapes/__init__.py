"""The built-in benchmark: questions about drawn pictures, made from a seed.

It needs no download, cannot have leaked into anybody's training data (draw it from a seed of your
own), and can be as large as a load test wants. Six capabilities of three axes each, after MMStar's
tree; four options per question, each equally likely given the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions
from pytest_mmbench.benchmarks.draws import DrawnIds, drawn_picture, seed_and_size
from pytest_mmbench.benchmarks.prompts import choice_request, inline_options, single_turn
from pytest_mmbench.benchmarks.shapes.questions import (
    CAPABILITIES,
    DEFAULT_PER_AXIS,
    DEFAULT_SEED,
    ShapesRecord,
    make_record,
)
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Picture, Request, Sample, Turn
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely

NAME = "shapes"
VERSION = 1
"""Raised when the same seed gives other questions or pictures than before."""
NEW_TOKENS = 32
_INSTRUCTIONS = {
    Method.RANK_LETTER: "\nAnswer with the option's letter.",
    Method.GENERATE: "\nAnswer with the option's letter or its text.",
}


class Shapes:
    """The benchmark, drawn from one seed, with so many samples for each of its 18 axes."""

    name = NAME

    def __init__(self, *, seed: int = DEFAULT_SEED, per_axis: int = DEFAULT_PER_AXIS) -> None:
        self._seed = seed
        self._per_axis = per_axis

    @property
    def revision(self) -> str:
        """Everything that the samples depend on."""
        return f"{NAME}-{VERSION} seed={self._seed} per-axis={self._per_axis}"

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree."""
        sizes = dict.fromkeys(axis_paths(NAME, CAPABILITIES).values(), self._per_axis)
        return dimensions(NAME, CAPABILITIES, sizes)

    def ids(self, leaf: str) -> Sequence[str]:
        """The axis and a number: `counting-0007`."""
        return DrawnIds(leaf.rpartition(".")[2], range(self._per_axis))

    def sample(self, id: str) -> Sample:
        """The sample of that id, drawn anew."""
        axis, _, number = id.rpartition("-")
        record = make_record(self._seed, axis, int(number))
        return Sample(
            id=id,
            dimension=f"{NAME}.{record.category}.{axis}",
            question=record.question,
            options=record.options,
            target=record.answer,
            pictures=(_picture(id, record),),
        )

    def methods(self) -> tuple[Method, ...]:
        """Every method; ranking the options' texts is the default."""
        return tuple(Method)

    def request(self, sample: Sample, method: Method) -> Request:
        """The picture, then the question with its options inside, as MMStar words it."""
        text = f"{sample.question}\n{inline_options(sample.options)}{_INSTRUCTIONS.get(method, '')}"
        prompt = single_turn(sample.pictures, text)
        return choice_request(sample, method, prompt, new_tokens=NEW_TOKENS)

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - none for any
        """None: prompts are 0-shot."""
        return ()

    def scorer(self, method: Method) -> Scorer:
        """Most likely option, or a strict reading of the text."""
        if method is Method.GENERATE:
            return StrictChoice()
        return MostLikely(mean=method is Method.RANK_MEAN)


def _picture(name: str, record: ShapesRecord) -> Picture:
    def read() -> bytes:
        # Drawing loads PIL, which neither collecting samples nor building requests needs.
        from pytest_mmbench.benchmarks.shapes.drawing import png  # noqa: PLC0415

        return png(record.scene)

    return drawn_picture(NAME, VERSION, seed=record.seed, name=name, read=read)


def load(options: Mapping[str, object]) -> Shapes:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: an option is unknown, or its value is not a whole number in its range.
    """
    return Shapes(**seed_and_size(NAME, options))
