from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import regression

from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.records import Outcome, Rule, Tally, Threshold
from pytest_mmbench.report.build import decide
from pytest_mmbench.report.tables import ASCII, BLOCKS, Line, glyphs
from pytest_mmbench.report.terminal import (
    ProgressLine,
    closing,
    decision_lines,
    progress_line,
    score_table,
)

PYTEST_MARKUP = {"light", "bold", "red", "green", "yellow", "purple"}

SCORES = {
    "shapes": (410, 720, "0.5"),
    "shapes.coarse-perception": (100, 120, "0.6"),
    "shapes.coarse-perception.scene": (38, 40, ""),
    "shapes.coarse-perception.background-colour": (36, 40, "0.85"),
    "shapes.fine-grained-perception": (80, 160, "0.55"),
    "shapes.fine-grained-perception.counting": (21, 40, "0.6"),
    "shapes.math": (22, 40, ""),
    "shapes.math.numeric-commonsense-and-calculation": (40, 40, "1"),
}
"""Correct, total, threshold."""

AT_80 = """\
                        accuracy         correct        95%  required
shapes                  ████│···  0.569  410/720  0.53-0.61      0.50  pass
  coarse-perception     ████│█▋·  0.833  100/120  0.76-0.89      0.60  pass
    scene               ███████▌  0.950    38/40  0.83-0.99            not gated
    background-colour   ██████│▏  0.900    36/40  0.77-0.96      0.85  pass
  fine-grained-…eption  ███▉│···  0.500   80/160  0.42-0.58      0.55  fail
    counting            ███▉│···  0.525    21/40  0.37-0.67      0.60  fail
  math                  ████▍···  0.550    22/40  0.40-0.69            not gated
    numeric-comm…ation  ███████│  1.000    40/40  0.91-1.00      1.00  pass
"""
AT_60_IN_ASCII = """\
                         accuracy         correct
shapes                   ####|...  0.569  410/720  pass
  coarse-perception      ####|#..  0.833  100/120  pass
    scene                #######.  0.950    38/40  not gated
    background-colour    ######|.  0.900    36/40  pass
  fine-grained-p~eption  ###.|...  0.500   80/160  fail
    counting             ###.|...  0.525    21/40  fail
  math                   ####....  0.550    22/40  not gated
    numeric-comm~lation  #######|  1.000    40/40  pass
"""


def text(line: Line) -> str:
    return "".join(segment.text for segment in line)


def texts(found: list[Line]) -> list[str]:
    return [text(line) for line in found]


def verdicts(
    *dimensions: str, rule: Rule = Rule.POINT, unparseable: int = 0
) -> list[CapabilityVerdict]:
    scores = {name: SCORES[name] for name in dimensions or SCORES}
    tallies = [
        Tally(dimension=name, correct=correct, total=total, unparseable=unparseable)
        for name, (correct, total, _) in scores.items()
    ]
    thresholds = {
        name: Threshold(at_least=written, rule=rule)
        for name, (_, _, written) in scores.items()
        if written
    }
    return judge_capability(tallies, thresholds, alpha=0.05, unparseable_limit=0.05)


def scored(correct: int, total: int, at_least: str, *, name: str = "shapes") -> CapabilityVerdict:
    (only,) = judge_capability(
        [Tally(dimension=name, correct=correct, total=total)],
        {name: Threshold(at_least=at_least)},
        alpha=0.05,
        unparseable_limit=0.05,
    )
    return only


def bar(verdict: CapabilityVerdict, encoding: str = "utf-8") -> str:
    """The bar of a dimension that is shown alone, 48 columns wide."""
    row = text(score_table([verdict], width=200, encoding=encoding)[1])
    return row.split("  ")[1]


def table(found: list[Line]) -> list[str]:
    rows = texts(found)
    return rows[: rows.index("")] if "" in rows else rows


def test_the_tree_at_80_columns() -> None:
    """Everything is shown: bar, tick, accuracy, counts, interval, threshold and verdict."""
    assert "\n".join(table(score_table(verdicts(), width=80))) + "\n" == AT_80


def test_the_tree_at_60_columns_in_ascii() -> None:
    """Where there is little room, intervals go first and thresholds next; the tick still tells."""
    found = score_table(verdicts(), width=60, encoding="ascii")

    assert "\n".join(table(found)) + "\n" == AT_60_IN_ASCII


def test_the_tree_uses_what_room_there_is() -> None:
    """At 120 columns no name is cut, and the bar takes the rest."""
    rows = table(score_table(verdicts(), width=120))

    assert rows[-1].startswith("    numeric-commonsense-and-calculation  ███")
    assert max(len(row) for row in rows) == 120
    assert len(bar(scored(1, 2, "0.5"))) == 48


@settings(max_examples=50)  # whole tables are drawn
@given(
    st.integers(50, 200),
    st.sampled_from(["utf-8", "ascii", "cp437", "latin-1"]),
    st.lists(st.sampled_from(sorted(SCORES)), min_size=1, unique=True),
    st.sampled_from(Rule),
    st.integers(0, 3),
)
def test_the_table_fits_and_its_columns_are_aligned(
    width: int, encoding: str, dimensions: list[str], rule: Rule, unparseable: int
) -> None:
    """No row is wider than the terminal, every row can be encoded, and words start together."""
    found = verdicts(*dimensions, rule=rule, unparseable=unparseable)

    rows = table(score_table(found, width=width, encoding=encoding))[1:]

    assert len(rows) == len(found)
    assert max(len(row) for row in rows) <= width
    assert [row.encode(encoding).decode(encoding) for row in rows] == rows
    starts = {len(row) - len(each.outcome) for row, each in zip(rows, found, strict=True)}
    assert len(starts) == 1


def test_the_share_of_cut_answers_is_shown_where_there_are_any() -> None:
    """A column of its own; a terminal without room for it keeps the threshold."""
    found = [replace(each, cut_short=3 if each.dimension == "shapes" else 0) for each in verdicts()]
    rows = table(score_table(found, width=120))

    assert "cut short" in rows[0]
    assert "cut short" not in table(score_table(verdicts(), width=120))[0]
    share = f"{3 / found[0].total:.3f}"
    assert [share in row for row in rows[1:3]] == [True, False]
    narrow = table(score_table(found, width=60))[0]
    assert "required" in narrow or "cut short" not in narrow


def test_a_very_narrow_terminal_keeps_what_decides() -> None:
    """At 40 columns there is a name, the accuracy, the counts and the verdict."""
    rows = table(score_table(verdicts(), width=40))

    assert rows[1] == "shapes         0.569  410/720  pass"
    assert rows[6] == "    counting   0.525    21/40  fail"


def test_a_dimension_is_named_from_the_nearest_one_shown() -> None:
    """With the capability left out of a selection, its name moves into the axis's."""
    found = score_table(verdicts("shapes", "shapes.fine-grained-perception.counting"), width=120)
    alone = score_table(verdicts("shapes.fine-grained-perception.counting"), width=120)

    assert text(found[2]).startswith("  fine-grained-perception.counting  ")
    assert text(alone[1]).startswith("shapes.fine-grained-perception.counting  ")


def test_what_decided_is_explained_in_full() -> None:
    """Each sentence stands unbroken on a line of its own, failures before what is undecided."""
    found = verdicts()
    undecided = verdicts("shapes.fine-grained-perception.counting", rule=Rule.THREE_WAY)

    lines = texts(decision_lines(decide([*undecided, *found[-2:], found[4]])))

    assert lines[:-1] == [found[4].explanation, undecided[0].explanation]
    assert lines[-1].startswith("DO NOT SHIP: ")


def test_a_long_list_of_reasons_is_cut_unless_all_are_asked_for() -> None:
    """The last line before the decision says how many there are."""
    failed = [regression(f"b.x{at}", outcome=Outcome.FAIL) for at in range(7)]

    assert texts(decision_lines(decide(failed)))[-2] == "and 2 more"
    assert len(decision_lines(decide(failed), most=None)) == 8


def test_a_row_has_the_gravest_verdict_of_all_gates() -> None:
    """A dimension that another gate stops is not called passed, nor not gated."""
    found = verdicts("shapes", "shapes.math")
    others = [regression(each.dimension, outcome=Outcome.FAIL) for each in found]

    rows = texts(score_table(found, others=others, width=100))[1:]

    assert [row.split("  ")[-1] for row in rows] == ["fail (regression)"] * 2


def test_when_all_pass_nothing_follows_the_tree() -> None:
    """No empty line, no empty heading."""
    assert len(score_table(verdicts("shapes", "shapes.coarse-perception"), width=80)) == 3


def test_nothing_judged_is_nothing_shown() -> None:
    """Without verdicts there is not even a header."""
    assert score_table([], width=80) == []


def test_columns_without_content_are_left_out() -> None:
    """A run without thresholds has no column for them."""
    header, row = texts(score_table(verdicts("shapes.math"), width=80))

    assert header.split() == ["accuracy", "correct", "95%"]
    assert row.endswith("0.550    22/40  0.40-0.69  not gated")


@pytest.mark.parametrize(
    ("correct", "expected"),
    [
        (0, "." * 24 + "|" + "." * 23),
        (25, "#" * 12 + "." * 12 + "|" + "." * 23),
        (49, "#" * 23 + "." + "|" + "." * 23),
        (50, "#" * 24 + "|" + "." * 23),
        (75, "#" * 24 + "|" + "#" * 11 + "." * 12),
        (100, "#" * 24 + "|" + "#" * 23),
    ],
)
def test_a_bar_touches_its_tick_only_if_it_reaches_the_threshold(
    correct: int, expected: str
) -> None:
    """Half of 100 are needed, so the tick stands in the middle."""
    assert bar(scored(correct, 100, "0.5"), "ascii") == expected


@given(st.integers(1, 500), st.integers(0, 100), st.data())
def test_passing_and_failing_bars_differ(total: int, percent: int, data: st.DataObject) -> None:
    """However close a score is to its threshold, the cell before the tick tells which side."""
    correct = data.draw(st.integers(0, total))
    verdict = scored(correct, total, f"{percent / 100:.2f}")

    before = bar(verdict).partition("│")[0]

    assert before == "" or (before[-1] == "█") == (verdict.outcome is Outcome.PASS)


def test_a_score_that_only_lacks_evidence_touches_its_tick() -> None:
    """The rule `strong` fails a score that reaches its threshold; the bar does not deny it."""
    tally = Tally(dimension="shapes", correct=24, total=40)
    limits = {"shapes": Threshold(at_least="0.6", rule=Rule.STRONG)}
    (verdict,) = judge_capability([tally], limits, alpha=0.05, unparseable_limit=0.05)

    assert verdict.outcome is Outcome.FAIL
    assert bar(verdict, "ascii").partition("|")[0] == "#" * 28


def test_blocks_are_drawn_in_eighths() -> None:
    """One in 384 fills one eighth of one of 48 cells."""
    found = [bar(scored(correct, 384, "1"))[:2] for correct in (0, 1, 4, 8, 9)]

    assert found == ["··", "▏·", "▌·", "█·", "█▏"]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", BLOCKS), ("UTF8", BLOCKS), ("ascii", ASCII), ("cp1252", ASCII), ("no-such", ASCII)],
)
def test_signs_follow_the_encoding(encoding: str, expected: object) -> None:
    """Blocks are drawn where they can be encoded; an unknown encoding gets plain signs."""
    assert glyphs(encoding) == expected


def test_colours_are_names_that_pytest_knows() -> None:
    """Passing is green, failing is red, and no text depends on its colour."""
    found = score_table(verdicts(), width=80)

    words = {segment.text.strip(): segment.markup for line in found for segment in line}
    assert (words["pass"], words["fail"], words["not gated"]) == (("green",), ("red",), ())
    assert {name for markup in words.values() for name in markup} <= PYTEST_MARKUP


def test_the_closing_line_tells_what_it_took() -> None:
    """Answers, time, rate, cached answers, and the model; in two lines where one is too long."""
    wide, narrow = (
        texts(closing(new=720, cached=12, seconds=9.1, model="tiny", method="rank", width=width))
        for width in (120, 70)
    )

    assert wide == ["720 answers in 9.1 s (79 samples/s), 12 cached; model tiny, method rank"]
    assert narrow == wide[0].split("; ")


@pytest.mark.parametrize(
    ("new", "seconds", "cached", "expected"),
    [
        (0, 0.0, 720, "no new answers, 720 cached"),
        (1, 0.5, 0, "1 answer in 0.5 s (2.0 samples/s)"),
        (3, 0.0, 0, "3 answers in 0.0 s"),
        (720, 61.0, 0, "720 answers in 1 min 01 s (12 samples/s)"),
        (720, 7321.0, 0, "720 answers in 2 h 02 min (0.1 samples/s)"),
    ],
)
def test_the_closing_line_leaves_out_what_says_nothing(
    new: int, seconds: float, cached: int, expected: str
) -> None:
    """No rate without time, no "0 cached", and units that fit."""
    found = closing(new=new, cached=cached, seconds=seconds, model="m", method="rank", width=80)

    assert texts(found) == [f"{expected}; model m, method rank"]


@pytest.mark.parametrize(
    ("done", "total", "seconds", "width", "expected"),
    [
        (320, 720, 3.76, 40, "mmbench  320/720 answers  85/s  5 s left"),
        (320, 720, 3.76, 39, "mmbench  320/720 answers  85/s"),
        (320, 720, 3.76, 54, "mmbench  #####.......  320/720 answers  85/s  5 s left"),
        (0, 720, 0.0, 34, "mmbench  ..........  0/720 answers"),
        (720, 720, 9.0, 44, "mmbench  ############  720/720 answers  80/s"),
        (3, 72000, 9.0, 60, "mmbench  .........  3/72000 answers  0.3/s  59 h 59 min left"),
        (0, 0, 0.0, 80, "mmbench  0/0 answers"),
    ],
)
def test_the_progress_line(
    *, done: int, total: int, seconds: float, width: int, expected: str
) -> None:
    """It tells how many, how fast and how long, and gives up the bar and then the rest for room."""
    assert progress_line(done, total, seconds, width, encoding="ascii") == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 10**6), st.integers(1, 300))
def test_the_progress_line_never_wraps(done: int, rest: int, seconds: float, width: int) -> None:
    """A line that is drawn over itself must not be wider than the terminal."""
    assert 0 < len(progress_line(done, done + rest, seconds, width)) <= width


class Stream:
    """A terminal that remembers what was drawn on it."""

    encoding = "utf-8"

    def __init__(self, width: int = 79) -> None:
        self.width = width
        self.drawn: list[str] = []

    def draw(self, line: str) -> None:
        self.drawn.append(line)

    def clear(self) -> None:
        self.drawn.append("")


@pytest.mark.parametrize("width", [20, 40, 79, 200])
def test_a_label_stands_before_the_numbers(width: int) -> None:
    """And the whole line fits the stream, however narrow it is."""
    stream = Stream(width)
    line = ProgressLine(stream, label="acme/llm")

    line.wait_for("loading")
    line(done=1, total=10, seconds=1.0)

    assert stream.drawn[0] == "mmbench  acme/llm  loading ..."[:width]
    assert stream.drawn[1].startswith("mmbench  acme/llm")
    assert max(map(len, stream.drawn)) <= width


def test_a_stream_without_columns_shows_nothing() -> None:
    """What is no terminal is not drawn on; a line that is there is taken away in any case."""
    stream = Stream(0)
    line = ProgressLine(stream)

    line.wait_for("loading")
    line(done=1, total=10, seconds=1.0)
    line.hide()

    assert stream.drawn == [""]
