from dataclasses import replace

import pytest

from pytest_mmbench.records import Interval, Outcome
from pytest_mmbench.report.document import Change, Condition, Measure, Sight, Snapshot, Test
from pytest_mmbench.report.tables import Line, regression_table, snapshot_lines, vision_table
from pytest_mmbench.report.text import MINUS

AT_100 = """\
against old, in points, with 90 % intervals
                  old    new  change        interval  lost  gained  ties        p
shapes          0.976  0.938    ~3.9    ~5.4 to ~2.5    33       5     0  < 0.001  fail
  fine-grained  0.983  0.767   ~21.7  ~28.5 to ~15.6    26       0     1  < 0.001  fail
    counting    0.950  0.300   ~65.0  ~75.8 to ~49.5    26       0     0  < 0.001  fail
  math          1.000  1.000     0.0    ~2.0 to +2.0     0       0     0    1.000  inconclusive
2 more did not change
""".replace("~", MINUS)


def change(path: str, numbers: str, outcome: Outcome, p: float) -> Change:
    """A comparison; numbers are old, new, low and high, then lost, gained and near ties."""
    old, new, low, high, lost, gained, ties = numbers.split()
    return Change(
        dimension=path,
        asked=720,
        old=float(old),
        new=float(new),
        difference=float(new) - float(old),
        interval=Interval(low=float(low), high=float(high)),
        confidence=0.9,
        lost=int(lost),
        gained=int(gained),
        near_ties=int(ties),
        tests=(Test(name="mid-p McNemar", p=p / 2, adjusted=p),),
        outcome=outcome,
    )


CHANGES = (
    change("shapes", ".9764 .9375 -.054 -.025 33 5 0", Outcome.FAIL, 1e-6),
    change("shapes.coarse", "1 1 -.02 .02 0 0 0", Outcome.PASS, 1.0),
    change("shapes.fine-grained", ".9833 .7667 -.285 -.156 26 0 1", Outcome.FAIL, 1e-6),
    change("shapes.fine-grained.counting", ".95 .30 -.758 -.495 26 0 0", Outcome.FAIL, 1e-6),
    change("shapes.fine-grained.shape", "1 1 -.02 .02 0 0 0", Outcome.NOT_GATED, 1.0),
    change("shapes.math", "1 1 -.02 .02 0 0 0", Outcome.INCONCLUSIVE, 1.0),
)


def text(lines: list[Line]) -> str:
    return "".join("".join(segment.text for segment in line) + "\n" for line in lines)


def test_what_moved_is_shown_in_its_tree() -> None:
    """Dimensions with changed answers or an open verdict; the others are counted."""
    assert text(regression_table(CHANGES, "old", width=100)) == AT_100


def test_nothing_moved() -> None:
    """One line says so."""
    still = [each for each in CHANGES if each.outcome in (Outcome.PASS, Outcome.NOT_GATED)]

    assert text(regression_table(still, "old", width=80)) == (
        "against old: no answer changed in 2 dimensions\n"
    )
    assert regression_table([], "old", width=80) == []


@pytest.mark.parametrize("width", [50, 60, 70, 80, 100])
def test_the_table_fits(width: int) -> None:
    """Columns are left out, and names shortened, where there is no room."""
    lines = text(regression_table(CHANGES, "old", width=width)).splitlines()

    assert max(map(len, lines)) <= width
    assert "counting" in lines[4]
    assert lines[4].endswith("fail")


def test_a_poor_terminal_gets_plain_signs() -> None:
    """Nothing is written that its encoding cannot carry."""
    assert text(regression_table(CHANGES, "old", width=90, encoding="ascii")).isascii()


SEEN = """\
with the picture, and without
              image  no-image  mismatched  text model   gain  share   leak
shapes        0.976     0.246       0.310       0.265  0.731  1.000  0.000  pass
  math        0.967     0.967       0.967       0.242  0.000  0.000  0.725  fail
    addition  0.925     0.925                          0.000                inconclusive
"""


def sight(
    path: str, shares: dict[str, float], numbers: dict[str, float], outcome: Outcome
) -> Sight:
    return Sight(
        dimension=path,
        conditions=tuple(
            Condition(name=name, accuracy=share, asked=40) for name, share in shares.items()
        ),
        chance=0.25,
        measures=tuple(Measure(name=name, value=value) for name, value in numbers.items()),
        outcome=outcome,
    )


SIGHTS = (
    sight(
        "shapes",
        {"image": 0.976, "no-image": 0.246, "mismatched": 0.31, "text model": 0.265},
        {"gain": 0.731, "share": 1.0, "leak": 0.0},
        Outcome.PASS,
    ),
    sight(
        "shapes.math",
        {"image": 0.967, "no-image": 0.967, "mismatched": 0.967, "text model": 0.242},
        {"gain": 0.0, "share": 0.0, "leak": 0.725},
        Outcome.FAIL,
    ),
    sight(
        "shapes.math.addition",
        {"image": 0.925, "no-image": 0.925},
        {"gain": 0.0},
        Outcome.INCONCLUSIVE,
    ),
)


def test_what_was_seen_is_shown_in_its_tree() -> None:
    """Accuracies by condition, gain, share and leak; what was not measured is left empty."""
    assert text(vision_table(SIGHTS, width=100)) == SEEN
    assert vision_table([], width=100) == []


def test_of_many_dimensions_only_those_that_tell_are_shown() -> None:
    """The whole, and whatever did not pass."""
    many = [replace(SIGHTS[0], dimension=f"shapes.{at}") for at in range(50)]

    lines = text(vision_table([*SIGHTS, *many], width=100)).splitlines()

    assert [line.split()[0] for line in lines[2:]] == ["shapes", "math", "addition", "50"]


@pytest.mark.parametrize("width", [50, 60, 70, 80, 100])
def test_a_look_fits(width: int) -> None:
    """Columns are left out, and names shortened, where there is no room."""
    assert max(map(len, text(vision_table(SIGHTS, width=width)).splitlines())) <= width


def snapshot(path: str, outcome: Outcome, *, lost: int = 0, ties: int = 0) -> Snapshot:
    return Snapshot(
        dimension=path,
        asked=40,
        lost=lost,
        gained=0,
        other=0,
        near_ties=ties,
        outcome=outcome,
        because=f"{path} is told",
    )


def test_accepted_answers_are_told_where_they_changed() -> None:
    """A line for each leaf that changed, nearly changed or could not be compared, and counts."""
    found = [
        snapshot("shapes.a", Outcome.PASS),
        snapshot("shapes.b", Outcome.FAIL, lost=2),
        snapshot("shapes.c", Outcome.PASS, ties=1),
        snapshot("shapes.d", Outcome.INVALID),
        snapshot("shapes.e", Outcome.NOT_GATED),
        snapshot("shapes.f", Outcome.NOT_GATED, lost=1),
    ]

    assert text(snapshot_lines(found)).splitlines() == [
        "accepted answers: 3 of 4 leaves changed",
        "accepted now: 1 of 2 leaves changed",
        "shapes.b is told",
        "shapes.c is told",
        "shapes.d is told",
        "shapes.f is told",
    ]
    assert snapshot_lines([]) == []
