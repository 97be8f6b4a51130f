import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import (
    candidate,
    changed_answer,
    regression,
    score,
    shortcut,
    small_report,
    snapshot,
)

from pytest_mmbench.gates.verdicts import ConditionScore, Measure, VisionVerdict
from pytest_mmbench.records import Outcome, Role
from pytest_mmbench.report.html.views import (
    FRACTIONS,
    Scale,
    difference_scale,
    sections,
    template_names,
)


def vision(*measures: Measure, conditions: tuple[str, ...] = ("image",)) -> VisionVerdict:
    return VisionVerdict(
        dimension="shapes",
        conditions=tuple(ConditionScore(name=each, accuracy=0.5, total=4) for each in conditions),
        chance=0.25,
        measures=measures,
        outcome=Outcome.NOT_GATED,
        explanation="",
    )


def test_measures_that_have_a_column() -> None:
    """The three that everybody knows and those with a limit; a common limit stands above them."""
    gain, more = Measure(name="gain", value=0.5, limit="0.05"), Measure(name="other", value=0.1)
    share = Measure(name="vision share", value=0.1)
    own = [Measure(name="own", value=0.1, limit=each) for each in ("0.1", "0.2")]

    names = template_names(
        small_report(vision=(vision(gain, more, own[0]), vision(share, gain, own[1])))
    )

    assert names["measures"] == {"gain": "0.05", "own": "", "vision share": ""}


def test_conditions_in_the_order_in_which_they_appear() -> None:
    """A dimension that lacks one has no part in their order."""
    report = small_report(vision=(vision(), vision(conditions=("image", "grey")), vision()))

    assert template_names(report)["conditions"] == ["image", "grey"]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["runs/new", "/models/old/"], ["new", "old"]),
        (["a/model", "b/model"], ["a/model", "b/model"]),
        (["plain", ""], ["plain", ""]),
    ],
)
def test_names_of_models(names: list[str], short: list[str]) -> None:
    """A column is headed by the end of a path, if that says which model it is."""
    roles = (Role.CANDIDATE, Role.BASELINE)
    report = small_report(
        models=tuple(
            candidate(score("shapes", 1, 2), name=name, role=role)
            for name, role in zip(names, roles, strict=True)
        )
    )

    assert [template_names(report)["short"][name] for name in names] == short


def test_sections() -> None:
    """A run without a baseline and conditions has three parts, and each gate adds its own."""
    assert [id for id, _ in sections(small_report())] == ["verdict", "capabilities", "run"]
    every = small_report(
        regression=(regression("shapes"),),
        changed_answers=(changed_answer(),),
        snapshots=(snapshot("shapes"),),
        vision=(vision(),),
        shortcuts=(shortcut(),),
    )
    assert [id for id, _ in sections(every)] == [
        *("verdict", "capabilities", "change", "answers", "snapshot", "vision", "shortcuts", "run")
    ]


def test_chance_is_explained_once() -> None:
    """What holds for every candidate stands above them, sentence by sentence."""
    both = shortcut(explanations=("a: 2 of 9", "b: 1 of 9"))
    one = shortcut("two", explanations=("a: 2 of 9",))

    assert template_names(small_report(shortcuts=(both, one)))["expected"] == [
        "a: 2 of 9",
        "b: 1 of 9",
    ]


FLOATS = st.floats(-1, 1)


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


@given(FLOATS, st.floats(0.01, 2), FLOATS, FLOATS)
def test_order_is_kept(low: float, width: float, one: float, other: float) -> None:
    """What is greater lies further right, and nothing lies off the axis."""
    scale = Scale(low=low, high=low + width)
    left, right = (percent(scale.at(each)) for each in sorted((one, other)))

    assert 0 <= left <= right <= 100


@given(FLOATS, st.floats(0.01, 2))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    """There is at least one tick on an axis that holds a round value, and at most eight."""
    scale = Scale(low=low, high=low + width)

    assert len(scale.ticks) <= 8
    assert all(low - 1e-6 <= tick <= low + width + 1e-6 for tick in scale.ticks)
    assert all(abs(tick * 200 - round(tick * 200)) < 1e-6 for tick in scale.ticks)


def test_the_axis_of_accuracies() -> None:
    """It runs from nothing correct to everything correct."""
    assert FRACTIONS.ticks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert (FRACTIONS.at(0.25), FRACTIONS.at(-1), FRACTIONS.at(2)) == ("25.00%", "0.00%", "100.00%")


@given(st.lists(FLOATS, max_size=5), st.sampled_from(["", "0.02", "0.5"]))
def test_the_axis_of_differences_has_everything_on_it(
    differences: list[float], margin: str
) -> None:
    """Zero, every interval and every margin lie between the ends, and not at one."""
    verdicts = [regression("x", each, margin=margin) for each in differences]
    scale = difference_scale(verdicts)
    drawn = [
        0.0,
        *(each.interval.low for each in verdicts),
        *(each.interval.high for each in verdicts),
    ]
    drawn += [-float(margin)] if margin and verdicts else []

    assert all(0 < percent(scale.at(each)) < 100 for each in drawn)
