import pytest

from pytest_mmbench.gates.stats.chance import guess_every_rotation
from pytest_mmbench.gates.vision.measures import measure
from pytest_mmbench.gates.vision.outcomes import (
    NOT_ASKED,
    View,
    ViewOutcome,
    count_outcomes,
    join_views,
)
from pytest_mmbench.records import Mark, Unit
from pytest_mmbench.results.rows import SampleResult

RIGHT, WRONG, UNREADABLE = Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE
LETTERS = {RIGHT: "A", WRONG: "B", UNREADABLE: ""}


def row(sample: str, mark: Mark, *, options: int = 4, unit: str = "") -> SampleResult:
    return SampleResult(
        sample=sample, mark=mark, answer=LETTERS[mark], target="A", options=options, unit=unit
    )


def rotations(*marks: Mark, unit: str = "q") -> list[SampleResult]:
    return [row(f"{unit}{at}", mark, unit=unit) for at, mark in enumerate(marks)]


def test_rows_are_joined_by_sample() -> None:
    """Each sample has what it got in every view, in the order of the first."""
    sample_views = join_views(
        {
            View.WITH_IMAGE: [row("2", RIGHT), row("1", UNREADABLE, options=0)],
            View.WITHOUT_IMAGE: [row("1", WRONG), row("2", RIGHT), row("3", RIGHT)],
        }
    )

    assert [sample.sample for sample in sample_views] == ["2", "1"]
    assert sample_views[0].outcomes.without_image == ViewOutcome(mark=RIGHT, answer="A")
    assert sample_views[1].outcomes.with_image == ViewOutcome(mark=UNREADABLE, answer="")
    assert sample_views[1].outcomes.without_image == ViewOutcome(mark=WRONG, answer="B")
    assert (sample_views[0].outcomes.options, sample_views[1].outcomes.options) == (4, 0)
    assert sample_views[0].outcomes.mismatched is sample_views[0].outcomes.llm_text is NOT_ASKED


def test_what_was_not_asked_is_not_wrong() -> None:
    """A sample that is missing in a view has no reply there, and counts in no pair."""
    sample_views = join_views(
        {
            View.WITH_IMAGE: [row("1", RIGHT), row("2", RIGHT)],
            View.WITHOUT_IMAGE: [row("1", WRONG)],
        }
    )

    assert sample_views[1].outcomes.in_view(View.WITHOUT_IMAGE).mark is None
    assert measure("shapes", count_outcomes(sample_views)).gain_contrast.total == 1


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ((RIGHT, RIGHT, RIGHT, RIGHT), Mark.CORRECT),
        ((RIGHT, WRONG, UNREADABLE, RIGHT), Mark.INCORRECT),
        ((RIGHT, UNREADABLE, RIGHT, RIGHT), Mark.UNPARSEABLE),
    ],
)
def test_a_unit_is_right_if_all_of_it_is(marks: tuple[Mark, ...], state: Mark) -> None:
    """One wrong rotation settles a question, and silence leaves it open otherwise."""
    (sample,) = join_views({View.WITH_IMAGE: rotations(*marks)}, Unit.ALL_CORRECT)

    assert sample.outcomes.with_image.mark is state
    assert sample.sample == "q"


def test_a_unit_is_guessed_as_a_whole() -> None:
    """Four rotations of four options are guessed right once in 256 times."""
    views = {
        view: rotations(RIGHT, RIGHT, RIGHT, RIGHT)
        for view in (View.WITH_IMAGE, View.WITHOUT_IMAGE)
    }

    vision = measure("mmbench", count_outcomes(join_views(views, Unit.ALL_CORRECT)))

    assert vision.gain_contrast.total == 1
    assert vision.gain_contrast.chance == guess_every_rotation(4)


def test_a_unit_that_was_asked_in_part_was_not_asked() -> None:
    """Three of four rotations would be easier than all of them."""
    (sample,) = join_views(
        {
            View.WITH_IMAGE: rotations(RIGHT, RIGHT, RIGHT, RIGHT),
            View.LLM_TEXT: rotations(RIGHT, RIGHT, RIGHT),
        },
        Unit.ALL_CORRECT,
    )

    assert sample.outcomes.llm_text is NOT_ASKED


@pytest.mark.parametrize("unit", [Unit.SAMPLE, Unit.PAIR])
def test_other_units_count_by_sample(unit: Unit) -> None:
    """Credit in halves compares no two views; each question counts for itself."""
    sample_views = join_views({View.WITH_IMAGE: rotations(RIGHT, WRONG)}, unit)

    assert [sample.sample for sample in sample_views] == ["q0", "q1"]


def test_nothing_is_joined_without_pictures() -> None:
    """Where nothing was asked with its picture there is nothing to compare."""
    assert join_views({View.WITHOUT_IMAGE: [row("1", RIGHT)]}) == []
