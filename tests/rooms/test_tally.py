from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Dimension, Mark, Score, Tally
from pytest_mmbench.tally import micro, tally

MARKS = st.lists(st.sampled_from(Mark), min_size=1)


def scored(marks: list[Mark]) -> list[Score]:
    return [Score(sample=str(at), mark=mark, chosen="") for at, mark in enumerate(marks)]


def test_unreadable_answers_are_counted_on_their_own() -> None:
    """An unreadable answer is asked, not right, and shown as unreadable."""
    counted = tally("b.c", scored([Mark.RIGHT, Mark.WRONG, Mark.UNREADABLE, Mark.RIGHT]))

    assert counted == Tally(dimension="b.c", right=2, asked=4, unreadable=1)
    assert counted.accuracy == 0.5


@given(MARKS, MARKS)
def test_a_node_counts_every_sample_once(first: list[Mark], second: list[Mark]) -> None:
    """The micro average over leaves is the tally of all their samples together."""
    node = Dimension(path="b", leaves=("b.x", "b.y"), size=len(first) + len(second))
    leaves = {"b.x": tally("b.x", scored(first)), "b.y": tally("b.y", scored(second))}

    assert micro(node, leaves) == tally("b", scored(first + second))
