"""Questions about drawn pictures that are answered by text: numbers, yes and no, words, places.

The sibling of `shapes` without options. Like it, it needs no download and cannot have leaked into
anybody's training data. Six capabilities of two axes each. Every question is drawn twice, with
pictures that make two different answers correct, so that its text says nothing about the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar, Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions
from pytest_mmbench.benchmarks.draws import DrawnIds, drawn_picture, seed_and_size
from pytest_mmbench.benchmarks.prompts import answer_with_place, single_turn
from pytest_mmbench.benchmarks.shapes_open.axes import AXES, AnswerKind
from pytest_mmbench.benchmarks.shapes_open.pictures import FRAME, OpenPicture
from pytest_mmbench.benchmarks.shapes_open.questions import (
    CAPABILITIES,
    CAPABILITY_OF,
    DEFAULT_PER_AXIS,
    DEFAULT_SEED,
    OpenRecord,
    make_record,
)
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import (
    Answer,
    Dimension,
    Method,
    Picture,
    Request,
    RequestType,
    Sample,
    Score,
    Turn,
    Unit,
)
from pytest_mmbench.scorers.box_answer import INSIDE, BoxScorer, PointScorer
from pytest_mmbench.scorers.box_text import read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Located
from pytest_mmbench.scorers.number_rules import NumberScorer, NumberTolerance
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO

NAME: Final = "shapes-open"
VERSION: Final = 1
"""Raised when the same seed gives other questions or pictures than before."""
COORDINATES: Final = "coordinates"
YES_NO: Final = ("Yes", "No")
TOLERANCES: Final[Mapping[str, NumberTolerance]] = {
    "length": NumberTolerance(size=Fraction(3, 100)),
    "ratio": NumberTolerance(size=Fraction(1, 10), is_relative=True),
}
"""By axis: less than half of the distance between two answers, so that none accepts two."""
OVERLAP: Final = Fraction(1, 2)
"""Intersection over union of a correct box."""
NEW_TOKENS: Final = 32
NEW_TOKENS_OF_PLACES: Final = 128
_LAST_LINES: Final[Mapping[AnswerKind, str]] = {
    AnswerKind.NUMBER: "Answer with a single number.",
    AnswerKind.YES_NO: "Answer yes or no.",
    AnswerKind.TEXT: "Answer with a single word.",
    AnswerKind.MEASURE: "Answer with a single number.",
}


def kind_of(axis: str) -> AnswerKind:
    """How the questions of an axis are answered."""
    return AXES[axis].kind if axis in AXES else AnswerKind.YES_NO


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScorerByAxis:
    """Reads each answer as its question asks for it."""

    rule: ClassVar[str] = "strict"
    convention: Convention

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """By the strict rule of its kind."""
        axis = sample.dimension.rpartition(".")[2]
        return self._scorer(axis)(sample, answer)

    def _scorer(self, axis: str) -> Scorer:
        match kind_of(axis):
            case AnswerKind.YES_NO:
                return STRICT_YES_NO
            case AnswerKind.MEASURE:
                return NumberScorer(rule=self.rule, tolerance=TOLERANCES[axis])
            case AnswerKind.BOX:
                return BoxScorer(
                    rule=self.rule,
                    read=read_box,
                    convention=self.convention,
                    threshold=OVERLAP,
                    size_of=lambda _: FRAME,
                )
            case AnswerKind.POINT:
                return PointScorer(
                    rule=self.rule,
                    read=read_point,
                    convention=self.convention,
                    size_of=lambda _: FRAME,
                )
        return StrictOpen()


class ShapesOpen:
    """The benchmark, drawn from one seed, with so many samples for each of its 12 axes.

    Args:
        seed: what is drawn.
        per_axis: samples of each axis; groups are whole if it is a multiple of four.
        coordinates: how boxes and points are asked for.
    """

    name = NAME

    def __init__(
        self,
        *,
        seed: int = DEFAULT_SEED,
        per_axis: int = DEFAULT_PER_AXIS,
        coordinates: Coordinates = Coordinates.THOUSAND,
    ) -> None:
        self._seed = seed
        self._per_axis = per_axis
        self._convention = Convention(coordinates=coordinates)

    @property
    def revision(self) -> str:
        """Everything that the samples depend on."""
        size = f"seed={self._seed} per-axis={self._per_axis}"
        return f"{NAME}-{VERSION} {size} {self._convention.coordinates}"

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree; questions of yes and no count by two."""
        sizes = dict.fromkeys(axis_paths(NAME, CAPABILITIES).values(), self._per_axis)
        by_two = f"{NAME}.yes-no"
        return tuple(
            replace(node, unit=Unit.ALL_CORRECT) if node.path.startswith(by_two) else node
            for node in dimensions(NAME, CAPABILITIES, sizes)
        )

    def ids(self, leaf: str) -> Sequence[str]:
        """The axis and a number: `larger-0007`."""
        return DrawnIds(leaf.rpartition(".")[2], range(self._per_axis))

    def sample(self, id: str) -> Sample:
        """The sample of that id, drawn anew."""
        axis, _, number = id.rpartition("-")
        record = make_record(self._seed, axis, int(number))
        target, *accepted = self._answers(record)
        is_yes_no = record.kind is AnswerKind.YES_NO
        return Sample(
            id=id,
            dimension=f"{NAME}.{CAPABILITY_OF[axis]}.{axis}",
            question=record.question,
            options=YES_NO if is_yes_no else (),
            target=target,
            accepted=tuple(accepted),
            pictures=self._pictures(axis, record),
            cluster=f"{axis}-{record.group}" if is_yes_no else "",
            unit=record.unit,
        )

    def _answers(self, record: OpenRecord) -> tuple[str, ...]:
        """The target, and what is correct besides."""
        if record.box:
            frame = self._convention.coordinates.frame
            box, center = record.box, record.box.center
            if frame:
                shares = frame.width / FRAME.width, frame.height / FRAME.height
                box, center = box.scaled(*shares), center.scaled(*shares)
            text = self._convention.text(Located(box, frame))
            if record.kind is AnswerKind.BOX:
                return (text,)
            return self._convention.text(Located(center, frame)), f"{INSIDE}{text}"
        if record.kind is AnswerKind.YES_NO:
            return ("A" if record.answer == "yes" else "B",)
        # Whoever answers with a word may add what it counts.
        is_picture = record.answer in ("first", "second", "third")
        return (record.answer, f"{record.answer} picture") if is_picture else (record.answer,)

    def _pictures(self, axis: str, record: OpenRecord) -> tuple[Picture, ...]:
        name = f"{axis}-{record.picture_key}"
        if len(record.pictures) == 1:
            return (self._picture(name, record.pictures[0]),)
        pictures = enumerate(record.pictures, 1)
        return tuple(self._picture(f"{name}-{place}", picture) for place, picture in pictures)

    def _picture(self, name: str, picture: OpenPicture) -> Picture:
        def read() -> bytes:
            # Drawing loads PIL, which neither collecting samples nor building requests needs.
            from pytest_mmbench.benchmarks.shapes_open.drawing import open_png  # noqa: PLC0415

            return open_png(picture)

        return drawn_picture(NAME, VERSION, seed=self._seed, name=name, read=read)

    def methods(self) -> tuple[Method, ...]:
        """Generated text only: most questions have no options that could be ranked."""
        return (Method.GENERATE,)

    def request(self, sample: Sample, method: Method) -> Request:  # noqa: ARG002 - the only one
        """The pictures, then the question, then how it is to be answered."""
        kind = kind_of(sample.dimension.rpartition(".")[2])
        is_place = kind in (AnswerKind.BOX, AnswerKind.POINT)
        last = _LAST_LINES.get(kind) or answer_with_place(
            self._convention, is_box=kind is AnswerKind.BOX
        )
        return Request(
            sample=sample.id,
            type=RequestType.GENERATE,
            prompt=single_turn(sample.pictures, f"{sample.question}\n{last}"),
            new_tokens=NEW_TOKENS_OF_PLACES if is_place else NEW_TOKENS,
        )

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - none for any
        """None: prompts are 0-shot."""
        return ()

    def scorer(self, method: Method) -> Scorer:  # noqa: ARG002 - the only one
        """A strict reading of the text, by the kind of question."""
        return _ScorerByAxis(convention=self._convention)


def load(options: Mapping[str, object]) -> ShapesOpen:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: an option is unknown, or its value is not one of those that it may have.
    """
    units = tuple(map(str, Coordinates))
    unit = options.get(COORDINATES, str(Coordinates.THOUSAND))
    if unit not in units:
        raise SettingsError(
            f"{COORDINATES} = {unit!r} is not known.",
            asked_for_by=f"[benchmarks.{NAME}]",
            **near(str(unit), units),
        )
    sizes = seed_and_size(NAME, options, others=(COORDINATES,))
    return ShapesOpen(**sizes, coordinates=Coordinates(str(unit)))
