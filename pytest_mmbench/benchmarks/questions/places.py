"""Places in a picture as answers: a box, and a point inside an area.

How coordinates are asked for and how the file writes them are two things, and both are named: a
number does not say in which unit it counts. Where one of them counts in pixels and the other does
not, the picture's size is needed: columns of the file have it, or the picture's header is read when
an answer is scored, and never before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.prompts import answer_with_place
from pytest_mmbench.benchmarks.questions.answer_type import (
    AnswerReader,
    AnswerSource,
    AnswerType,
    CorrectAnswer,
)
from pytest_mmbench.benchmarks.questions.references import read_regions, read_size
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Sample
from pytest_mmbench.scorers.box_answer import (
    INSIDE,
    BoxScorer,
    PointScorer,
    read_first_box,
    read_first_point,
    read_point_or_center,
)
from pytest_mmbench.scorers.box_text import read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners, Located
from pytest_mmbench.scorers.regions import Box, Frame, Point, Region

COORDINATES: Final = "coordinates"
CORNERS: Final = "corners"
TARGET: Final = "target-"
"""Before both keys, of the file's own convention."""
SETTINGS: Final = (COORDINATES, CORNERS, TARGET + COORDINATES, TARGET + CORNERS)
REFCOCO: Final = "refcoco"
THRESHOLDS: Final = ("0.5", "0.1", "0.3", "0.7", "0.75", "0.9")
"""Of intersection over union, the default first."""
MOST_DECIMALS: Final = 20
"""Of a point; a narrower area is none that anybody could point at."""
NEW_TOKENS: Final = 128
"""A box in JSON with a label, digit by digit."""


def read_convention(options: BenchmarkOptions, prefix: str = "") -> Convention:
    """How coordinates are asked for; with `TARGET` as prefix, how the file writes them.

    Raises:
        SettingsError: the unit is not named, or a word is not known.
    """
    key = prefix + COORDINATES
    units = tuple(map(str, Coordinates))
    if key not in options.options:
        whose = "the targets of the file" if prefix else "answers"
        raise options.error(
            f"it is not known in which unit the coordinates of {whose} count.",
            **near("", units),
            what_to_do=f'write {key} = "0-1000", or another of these: nothing is guessed',
        )
    return Convention(
        coordinates=Coordinates(options.word(key, units)),
        corners=Corners(options.word(prefix + CORNERS, tuple(map(str, Corners)))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlaceReader:
    """Reads the correct places of rows, and writes them as answers are asked for."""

    source: AnswerSource
    asked: Convention
    written: Convention

    @classmethod
    def of(cls, source: AnswerSource) -> _PlaceReader:
        options = source.options
        return cls(
            source=source,
            asked=read_convention(options),
            written=read_convention(options, TARGET),
        )

    @property
    def form(self) -> object:
        """What of the settings decides how targets are read, and how questions end."""
        columns = self.source.columns
        return (*map(repr, (self.asked, self.written)), columns.targets, columns.size)

    def places(self, row: Row) -> list[tuple[str, Located[Region]]]:
        """The correct places of a row, each with the column that holds it."""
        columns = self.source.columns
        size = read_size(row, columns.size)
        further = (
            [columns.accepted] if columns.accepted and row.fields.get(columns.accepted) else []
        )
        return [
            (names[0], self._located(region, size))
            for names in (columns.targets, *([name] for name in further))
            for region in read_regions(row, names, self.written, size)
        ]

    def _located(self, region: Region, size: Frame | None) -> Located[Region]:
        """A place as answers are asked for, or in the file's unit if that has to do."""
        asked, written = self.asked.coordinates.frame, self.written.coordinates.frame
        if asked == written:
            return Located(region, asked)
        if written is None:
            # Pixels are seldom a whole number of thousandths: they stay as they are written.
            return Located(region, size)
        wanted = asked or size
        if wanted is None:
            return Located(region, written)
        across, down = wanted.width / written.width, wanted.height / written.height
        return Located(region.scaled(across, down), asked)

    def box(self, row: Row) -> CorrectAnswer:
        """The boxes of a row, the target first."""
        texts: dict[str, None] = {}
        for column, located in self.places(row):
            if not isinstance(located.region, Box):
                raise row.error(column, 'holds a polygon, and answer = "box" asks for boxes.')
            texts[self.asked.text(located)] = None
        target, *others = texts
        return CorrectAnswer(target, accepted=tuple(others))

    def point(self, row: Row) -> CorrectAnswer:
        """A point inside the first area of a row, and all areas."""
        places = self.places(row)
        column, (region, frame) = places[0]
        middle = region.interior()
        for decimals in range(MOST_DECIMALS):
            point = Point(round(middle.x, decimals), round(middle.y, decimals))
            if region.holds(point):
                break
        else:
            raise row.error(column, "is an area too narrow to point at.")
        areas = dict.fromkeys(f"{INSIDE}{self.asked.text(located)}" for _, located in places)
        return CorrectAnswer(self.asked.text(Located(point, frame)), accepted=tuple(areas))


def box_reader(source: AnswerSource) -> AnswerReader:
    """Reads boxes; a `SettingsError` if a unit is not named."""
    reader = _PlaceReader.of(source)
    return AnswerReader(read=reader.box, form=reader.form)


def point_reader(source: AnswerSource) -> AnswerReader:
    """Reads areas that a correct point lies in; a `SettingsError` if a unit is not named."""
    reader = _PlaceReader.of(source)
    return AnswerReader(read=reader.point, form=reader.form)


def _size_unknown(sample: str) -> Frame:
    raise DataError("the size of its picture is not known.", sample=sample)


def _box_scorer(options: BenchmarkOptions, *, rule: str, threshold: Fraction | None) -> BoxScorer:
    return BoxScorer(
        rule=rule,
        read=read_first_box if rule == REFCOCO else read_box,
        convention=read_convention(options),
        threshold=threshold,
        size_of=_size_unknown,
    )


def _point_scorer(
    options: BenchmarkOptions,
    *,
    rule: str,
    read: Callable[[str, Convention], Located[Point] | None],
) -> PointScorer:
    convention = read_convention(options)
    return PointScorer(rule=rule, read=read, convention=convention, size_of=_size_unknown)


def _with_sizes(scorer: Scorer, samples: Mapping[str, Sample]) -> Scorer:
    """The scorer that knows how large the pictures of these samples are, where it has to."""
    if not isinstance(scorer, BoxScorer | PointScorer):
        return scorer
    known: dict[str, Frame] = {}

    def size_of(id: str) -> Frame:
        # Several questions may show one picture: its header is read once for all of them.
        names = [picture.identity() for picture in samples[id].pictures]
        name = names[0] if len(names) == 1 else ""
        size = known.get(name) or _picture_size(samples[id])
        if name:
            known[name] = size
        return size

    return replace(scorer, size_of=size_of)


def _picture_size(sample: Sample) -> Frame:
    """Width and height of a sample's only picture as it is sent, from its header."""
    if len(sample.pictures) != 1:
        problem = f"{len(sample.pictures)} pictures are shown, and pixels of which is not known."
        remedy = 'name the columns with the size: size = ["width", "height"] in columns'
        raise DataError(problem, sample=sample.id, what_to_do=remedy)
    # Pictures load PIL, which neither collecting samples nor building requests needs.
    from pytest_mmbench.images import Original  # noqa: PLC0415
    from pytest_mmbench.images.transforms import upright_size  # noqa: PLC0415

    original = Original(picture=sample.pictures[0], sample=sample.id, seed_text="")
    return Frame(*map(Fraction, upright_size(original)))


PLACE_TYPES: Final = (
    AnswerType(
        name="box",
        reader=box_reader,
        scorings={
            **{
                f"iou-{each}": partial(
                    _box_scorer, rule=f"strict iou-{each}", threshold=Fraction(each)
                )
                for each in THRESHOLDS
            },
            "iou": partial(_box_scorer, rule="strict iou", threshold=None),
            REFCOCO: partial(_box_scorer, rule=REFCOCO, threshold=Fraction(1, 2)),
        },
        last_line=lambda options: answer_with_place(read_convention(options), is_box=True),
        settings=SETTINGS,
        is_place=True,
        new_tokens=NEW_TOKENS,
        with_samples=_with_sizes,
    ),
    AnswerType(
        name="point",
        reader=point_reader,
        scorings={
            "inside": partial(_point_scorer, rule="strict", read=read_point),
            "center": partial(_point_scorer, rule="strict center", read=read_point_or_center),
            "screenspot": partial(_point_scorer, rule="screenspot", read=read_first_point),
        },
        last_line=lambda options: answer_with_place(read_convention(options), is_box=False),
        settings=SETTINGS,
        is_place=True,
        new_tokens=NEW_TOKENS,
        with_samples=_with_sizes,
    ),
)
"""Entries of the table of answer types."""
