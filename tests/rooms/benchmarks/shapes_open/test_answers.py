"""How the benchmark asks, what it takes for an answer, and what its settings may be."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.shapes_open import TOLERANCES, ShapesOpen, load
from pytest_mmbench.benchmarks.shapes_open.questions import CAPABILITY_OF, make_record
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import Answer, Mark, Method, Unit
from pytest_mmbench.scorers.box_text import read_box
from pytest_mmbench.scorers.coordinates import Convention, Coordinates
from pytest_mmbench.scorers.cut_answer import score_answer
from pytest_mmbench.testing import samples, script


def marks(benchmark: ShapesOpen, answers: dict[str, str]) -> Counter[Mark]:
    """How many answers got which mark."""
    scorer = benchmark.scorer(Method.GENERATE)
    return Counter(
        score_answer(scorer, benchmark.sample(id), Answer(sample=id, text=text)).mark
        for id, text in answers.items()
    )


@pytest.mark.parametrize("coordinates", Coordinates)
def test_whoever_says_the_targets_is_right(coordinates: Coordinates) -> None:
    """In each kind of question and each unit; and of other answers none is."""
    benchmark = ShapesOpen(per_axis=4, coordinates=coordinates)

    assert marks(benchmark, script(benchmark, accuracy=1)) == {Mark.CORRECT: 48}
    assert marks(benchmark, script(benchmark, accuracy=0))[Mark.CORRECT] == 0


@pytest.mark.parametrize(
    ("axis", "text", "mark"),
    [
        ("all", "There are {target} shapes.", Mark.CORRECT),
        ("all", "many", Mark.UNPARSEABLE),
        ("same-picture", "<think>yes or no?</think>Perhaps.", Mark.UNPARSEABLE),
        ("which-picture", "The {target} picture", Mark.CORRECT),
        ("which-picture", "**{target}**", Mark.CORRECT),
        ("more", "The answer is {target}.", Mark.CORRECT),
        ("box", '{{"bbox_2d": {target}}}', Mark.CORRECT),
        ("box", "[0, 0, 1000, 1000]", Mark.INCORRECT),
        ("point", "Click at {target}.", Mark.CORRECT),
        ("point", "[0, 0, 1000, 1000]", Mark.UNPARSEABLE),
    ],
)
def test_answers_are_read_strictly(axis: str, text: str, mark: Mark) -> None:
    """Each by the rule for its kind."""
    benchmark = ShapesOpen(per_axis=4)
    id = f"{axis}-0000"

    assert marks(benchmark, {id: text.format(target=benchmark.sample(id).target)}) == {mark: 1}


@pytest.mark.parametrize(
    ("axis", "factor", "offset", "correct"),
    [
        ("length", "1", "0.03", True),
        ("length", "1", "0.031", False),
        ("ratio", "1.1", "0", True),
        ("ratio", "0.89", "0", False),
    ],
)
def test_a_measure_may_be_a_little_off(
    axis: str, factor: str, offset: str, *, correct: bool
) -> None:
    """A length by three hundredths of the width, a ratio by a tenth of itself."""
    benchmark = ShapesOpen(per_axis=8)
    for id in benchmark.ids(f"shapes-open.measuring.{axis}"):
        value = Fraction(benchmark.sample(id).target) * Fraction(factor) + Fraction(offset)
        assert (marks(benchmark, {id: f"{float(value):.5f}"})[Mark.CORRECT] == 1) is correct


@pytest.mark.parametrize("axis", ["length", "ratio"])
def test_no_measure_is_right_for_two_answers(axis: str) -> None:
    """The largest number that one answer accepts is below the smallest of the next one."""
    tolerance = TOLERANCES[axis]
    answers = sorted(map(Fraction, make_record(1, axis, 0).answers))

    for low, high in pairwise(answers):
        middle = (low + high) / 2
        assert not (tolerance.accepts(middle, low) and tolerance.accepts(middle, high))
        edge = high - tolerance.size * (high if tolerance.is_relative else 1)
        assert not tolerance.accepts(edge, low)


def test_units_agree_on_one_box() -> None:
    """Targets of the same sample in each unit are the same place of the picture."""
    boxes = set()
    for coordinates in Coordinates:
        benchmark = ShapesOpen(per_axis=1, coordinates=coordinates)
        convention = Convention(coordinates=coordinates)
        located = read_box(benchmark.sample("box-0000").target, convention)
        assert located
        side = located.frame.width if located.frame else Fraction(128)
        boxes.add(located.region.scaled(1 / side, 1 / side))

    assert len(boxes) == 1


def test_yes_and_no_count_by_two() -> None:
    """The same question about two pictures, and two questions about the same one."""
    benchmark = ShapesOpen(per_axis=8)
    units = {node.path: node.unit for node in benchmark.dimensions()}
    groups = Counter(each.unit for each in samples(benchmark) if each.unit)

    assert units["shapes-open"] is Unit.SAMPLE
    assert units["shapes-open.yes-no.same-question"] is Unit.ALL_CORRECT
    assert {*groups.values()} == {2}
    assert len(groups) == 8


def test_pictures_that_repeat_have_one_name() -> None:
    """A picture of two questions is read once, and its samples depend on each other."""
    benchmark = ShapesOpen(per_axis=4)
    first, second = (benchmark.sample(f"same-picture-000{at}") for at in (0, 1))

    assert first.pictures[0].name == second.pictures[0].name
    assert first.pictures[0].identity() == second.pictures[0].identity()
    assert first.cluster == second.cluster != ""
    assert len(benchmark.sample("which-picture-0000").pictures) == 3


def test_its_settings() -> None:
    """Seed, size and unit make another revision; the default set is the published one."""
    assert registry.benchmark("shapes-open", {}).revision == (
        "shapes-open-1 seed=20260419 per-axis=40 0-1000"
    )
    assert load({"seed": 7, "per-axis": 2, "coordinates": "0-1"}).revision == (
        "shapes-open-1 seed=7 per-axis=2 0-1"
    )
    assert len(CAPABILITY_OF) == 12


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"coordinates": "0-10"}, "coordinates = '0-10' is not known"),
        ({"seed": -1}, "seed = -1 is not a whole number"),
        ({"per_axis": 3}, "shapes-open has no option 'per_axis'"),
        ({"corners": "xywh"}, "shapes-open has no option 'corners'"),
    ],
)
def test_settings_that_it_has_not(options: dict[str, object], problem: str) -> None:
    """Each error names the table."""
    with pytest.raises(SettingsError, match=problem):
        load(options)
