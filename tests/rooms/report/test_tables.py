from dataclasses import replace

import pytest
from reports import significance, snapshot

from pytest_mmbench.gates.verdicts import (
    ConditionScore,
    Measure,
    RegressionVerdict,
    VisionVerdict,
)
from pytest_mmbench.records import Interval, Outcome
from pytest_mmbench.report.tables import Line, regression_table, snapshot_lines, vision_table
from pytest_mmbench.report.text import MINUS

AT_100 = """\
against old, in points, with 90 % intervals
                baseline  candidate  change        interval  regressed  fixed        p
shapes             0.976      0.938    ~3.9    ~5.4 to ~2.5         33      5  < 0.001  fail
  fine-grained     0.983      0.767   ~21.7  ~28.5 to ~15.6         26      0  < 0.001  fail
    counting       0.950      0.300   ~65.0  ~75.8 to ~49.5         26      0  < 0.001  fail
  math             1.000      1.000     0.0    ~2.0 to +2.0          0      0    1.000  inconclusive
2 more did not change
""".replace("~", MINUS)


def regression(path: str, numbers: str, outcome: Outcome, p_value: float) -> RegressionVerdict:
    """Numbers are baseline, candidate, low and high, then regressed, fixed and near ties."""
    baseline, candidate, low, high, regressed, fixed, near_ties = numbers.split()
    return RegressionVerdict(
        dimension=path,
        total=720,
        baseline=float(baseline),
        candidate=float(candidate),
        difference=float(candidate) - float(baseline),
        interval=Interval(low=float(low), high=float(high)),
        confidence=0.9,
        regressed=int(regressed),
        fixed=int(fixed),
        near_ties=int(near_ties),
        test=significance(p_value / 2, p_value),
        detectable_drop=0.1,
        outcome=outcome,
        explanation="",
    )


VERDICTS = (
    regression("shapes", ".9764 .9375 -.054 -.025 33 5 0", Outcome.FAIL, 1e-6),
    regression("shapes.coarse", "1 1 -.02 .02 0 0 0", Outcome.PASS, 1.0),
    regression("shapes.fine-grained", ".9833 .7667 -.285 -.156 26 0 1", Outcome.FAIL, 1e-6),
    regression("shapes.fine-grained.counting", ".95 .30 -.758 -.495 26 0 0", Outcome.FAIL, 1e-6),
    regression("shapes.fine-grained.shape", "1 1 -.02 .02 0 0 0", Outcome.NOT_GATED, 1.0),
    regression("shapes.math", "1 1 -.02 .02 0 0 0", Outcome.INCONCLUSIVE, 1.0),
)


def text(lines: list[Line]) -> str:
    return "".join("".join(segment.text for segment in line) + "\n" for line in lines)


def test_what_changed_is_shown_in_its_tree() -> None:
    """Dimensions with changed answers or an open verdict; the others are counted."""
    assert text(regression_table(VERDICTS, "old", width=100)) == AT_100


def test_at_80_columns_a_change_keeps_its_interval() -> None:
    """Both accuracies go first: the difference says what they have to say."""
    heading, root = text(regression_table(VERDICTS, "old", width=80)).splitlines()[1:3]

    assert heading.split() == ["change", "interval", "regressed", "fixed", "p"]
    assert (
        root
        == "shapes            ~3.9    ~5.4 to ~2.5         33      5  < 0.001  fail".replace(
            "~", MINUS
        )
    )


def test_nothing_changed() -> None:
    """One line says so."""
    unchanged = [each for each in VERDICTS if each.outcome in (Outcome.PASS, Outcome.NOT_GATED)]

    assert text(regression_table(unchanged, "old", width=80)) == (
        "against old: no answer changed in 2 dimensions\n"
    )
    assert regression_table([], "old", width=80) == []


@pytest.mark.parametrize("width", [50, 60, 70, 80, 100])
def test_the_table_fits(width: int) -> None:
    """Columns are left out, and names shortened, where there is no room."""
    lines = text(regression_table(VERDICTS, "old", width=width)).splitlines()

    assert max(map(len, lines)) <= width
    assert "counting" in lines[4]
    assert lines[4].endswith("fail")


def test_a_poor_terminal_gets_plain_signs() -> None:
    """Nothing is written that its encoding cannot carry."""
    assert text(regression_table(VERDICTS, "old", width=90, encoding="ascii")).isascii()


VISION = """\
vision: accuracy with the picture, and without
              image  no-image  mismatched  text model   gain  vision share  leakage
shapes        0.976     0.246       0.310       0.265  0.731         1.000    0.000  pass
  math        0.967     0.967       0.967       0.242  0.000         0.000    0.725  fail
    addition  0.925     0.925                          0.000                         inconclusive
"""


def vision(
    path: str, shares: dict[str, float], numbers: dict[str, float], outcome: Outcome
) -> VisionVerdict:
    return VisionVerdict(
        dimension=path,
        conditions=tuple(
            ConditionScore(name=name, accuracy=share, total=40) for name, share in shares.items()
        ),
        chance=0.25,
        measures=tuple(Measure(name=name, value=value) for name, value in numbers.items()),
        outcome=outcome,
        explanation="",
    )


VISION_VERDICTS = (
    vision(
        "shapes",
        {"image": 0.976, "no-image": 0.246, "mismatched": 0.31, "text model": 0.265},
        {"gain": 0.731, "vision share": 1.0, "leakage": 0.0},
        Outcome.PASS,
    ),
    vision(
        "shapes.math",
        {"image": 0.967, "no-image": 0.967, "mismatched": 0.967, "text model": 0.242},
        {"gain": 0.0, "vision share": 0.0, "leakage": 0.725},
        Outcome.FAIL,
    ),
    vision(
        "shapes.math.addition",
        {"image": 0.925, "no-image": 0.925},
        {"gain": 0.0},
        Outcome.INCONCLUSIVE,
    ),
)


def test_vision_is_shown_in_its_tree() -> None:
    """Accuracies by condition, gain, vision share and leakage; empty where not measured."""
    assert text(vision_table(VISION_VERDICTS, width=100)) == VISION
    assert vision_table([], width=100) == []


def test_of_many_dimensions_only_those_that_did_not_pass_are_shown() -> None:
    """The root, and whatever did not pass."""
    many = [replace(VISION_VERDICTS[0], dimension=f"shapes.{at}") for at in range(50)]

    lines = text(vision_table([*VISION_VERDICTS, *many], width=100)).splitlines()

    assert [line.split()[0] for line in lines[2:]] == ["shapes", "math", "addition", "50"]


@pytest.mark.parametrize("width", [50, 60, 70, 80, 100])
def test_the_vision_table_fits(width: int) -> None:
    """Columns are left out, and names shortened, where there is no room."""
    assert max(map(len, text(vision_table(VISION_VERDICTS, width=width)).splitlines())) <= width


def test_snapshots_are_shown_where_they_changed() -> None:
    """A line for each leaf that changed, nearly changed or could not be compared, and counts."""
    verdicts = [
        snapshot("shapes.a"),
        snapshot("shapes.b", Outcome.FAIL, regressed=2),
        snapshot("shapes.c", near_ties=1),
        snapshot("shapes.d", Outcome.INVALID),
        snapshot("shapes.e", Outcome.NOT_GATED),
        snapshot("shapes.f", Outcome.NOT_GATED, regressed=1),
    ]

    assert text(snapshot_lines(verdicts)).splitlines() == [
        "snapshot: 3 of 4 leaves changed",
        "snapshot update: 1 of 2 leaves changed",
        "shapes.b is compared",
        "shapes.c is compared",
        "shapes.d is compared",
        "shapes.f is compared",
    ]
    assert snapshot_lines([]) == []
