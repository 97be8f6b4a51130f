from dataclasses import replace

import pytest
from accepted_answers import accepted, drawn
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.snapshot import SHOWN, details, explanation, judge_snapshot
from pytest_mmbench.records import Outcome
from pytest_mmbench.results.snapshots import SnapshotAnswers

few = st.sampled_from([f"s{at}" for at in range(8)])


def test_the_same_answers_pass() -> None:
    """Whoever gave them, and whether or not they are right."""
    found = judge_snapshot(accepted("Ar Bw -u"), replace(accepted("Ar Bw -u"), model="new"))

    assert (found.outcome, found.flips) == (Outcome.PASS, ())
    assert explanation(found) == "b.d keeps 3 accepted answers"


@pytest.mark.parametrize("now", ["Bw", "-u", "Br"])
def test_a_change_fails_whatever_it_is(now: str) -> None:
    """Lost, unreadable or right in another way: nobody has accepted it."""
    assert judge_snapshot(accepted("Ar"), accepted(now)).outcome is Outcome.FAIL


def test_a_gain_fails_too() -> None:
    """What is welcome is accepted by whoever welcomes it."""
    found = judge_snapshot(accepted("Bw Ar"), accepted("Ar Ar"))

    assert (found.outcome, found.fixed, found.regressed) == (Outcome.FAIL, 1, 0)
    assert explanation(found) == "b.d changed 1 of 2 accepted answers: 1 now right"


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (0.009, 0.009, Outcome.PASS),
        (0.009, 0.011, Outcome.FAIL),
        (0.011, 0.009, Outcome.FAIL),
    ],
)
def test_a_near_tie_is_one_on_both_sides(old: float, new: float, outcome: Outcome) -> None:
    """An answer that the model was or is sure of is none."""
    found = judge_snapshot(accepted("Ar", margin=old), accepted("Bw", margin=new))

    assert found.outcome is outcome
    assert len(found.flips) == 1


@pytest.mark.parametrize(("held", "now"), [(0.5, 0.01), (0.01, 0.5)])
def test_the_coarser_model_says_what_is_noise(held: float, now: float) -> None:
    """A checkpoint that was accepted in bfloat16 may be compared in float32, and back."""
    was, is_now = (
        accepted("Ar", margin=0.3, tolerance=held),
        accepted("Bw", margin=0.3, tolerance=now),
    )

    assert judge_snapshot(was, is_now).outcome is Outcome.PASS


def test_what_was_not_asked_is_not_compared() -> None:
    """A limited run is judged by its own samples."""
    found = judge_snapshot(accepted("Ar Bw Cw"), accepted("Bw", start=1))

    assert (found.outcome, found.total, found.missing) == (Outcome.PASS, 1, 0)


def test_a_sample_without_an_accepted_answer_fails() -> None:
    """Also where all others are as they were."""
    found = judge_snapshot(accepted("Ar"), accepted("Ar Bw"))
    nothing = judge_snapshot(accepted(""), accepted("Ar Bw"))

    assert (found.outcome, found.missing) == (Outcome.FAIL, 1)
    assert explanation(found) == "b.d keeps 1 accepted answer; 1 of 2 samples have none"
    assert explanation(nothing) == "b.d has no accepted answer to 2 samples"


def test_answers_to_other_questions_are_refused() -> None:
    """Nothing is compared, and the reason says both questions."""
    found = judge_snapshot(accepted("Ar", wording="b-0"), accepted("Bw"))

    assert (found.outcome, found.flips) == (Outcome.INVALID, ())
    assert explanation(found) == (
        "b.d cannot be compared: accepted were answers to b-0 (rank), and b-1 (rank) is asked now"
    )


def test_nothing_asked_is_no_pass() -> None:
    """Where no sample could be asked there is nothing to say."""
    with pytest.raises(DataError, match=r"no sample of b\.d could be asked"):
        judge_snapshot(accepted("Ar"), accepted(""))


@given(drawn(few), drawn(few))
def test_every_change_is_counted_once(held: SnapshotAnswers, now: SnapshotAnswers) -> None:
    """Lost, gained, other and near ties add up to what changed."""
    found = judge_snapshot(held, now)

    changes = found.regressed + found.fixed + found.other + len(found.near_ties)
    assert changes == len(found.flips)
    assert (found.outcome is Outcome.PASS) == (not found.changed and not found.missing)


@pytest.mark.parametrize(
    ("held", "now", "sentence"),
    [
        ("", "Ar Bw", "b.d: 2 answers accepted, for the first time"),
        ("Ar", "Ar", "b.d: 1 answer accepted, as before"),
        ("Ar Bw", "Bw Bw", "b.d: 2 answers accepted, 1 of them changed"),
        ("Ar", "Bw Bw", "b.d: 2 answers accepted, 1 of them changed, 1 of them new"),
    ],
)
def test_what_was_accepted_is_told(held: str, now: str, sentence: str) -> None:
    """An update measures, and says what is new in it."""
    found = replace(judge_snapshot(accepted(held), accepted(now)), updated=True)

    assert found.outcome is Outcome.NOT_GATED
    assert explanation(found) == sentence


def test_other_questions_are_told_when_they_are_accepted() -> None:
    """Nobody shall think that the answers are the same."""
    found = judge_snapshot(accepted("Ar", wording="b-0"), accepted("Ar"))

    sentence = explanation(replace(found, updated=True))
    assert sentence == "b.d: 1 answer accepted, to another question than before"


def test_a_failure_is_told_worst_first() -> None:
    """The sentence, then each change with its margins, near ties last, then what to do."""
    held = accepted("Ar Ar Bw -u Ar")
    now = accepted("Bw -u Ar Cw Ar", margin=1)
    tied, then = accepted("Ar", margin=0.002, start=4), accepted("Cw", margin=0.001, start=4)
    held = replace(held, answers={**held.answers, **tied.answers})
    now = replace(now, answers={**now.answers, **then.answers})

    assert details(judge_snapshot(held, now)).splitlines() == [
        (
            "b.d changed 4 of 5 accepted answers: 1 right and now wrong, 1 right and now"
            " unreadable, 1 unreadable and now wrong, 1 now right; 1 near tie not counted"
        ),
        "  right, now wrong        s0   A (by 9 nats)          -> B (by 1 nats)",
        "  right, now unreadable   s1   A (by 9 nats)          -> unreadable (by 1 nats)",
        "  unreadable, now wrong   s3   unreadable (by 9 nats) -> C (by 1 nats)",
        "  now right               s2   B (by 9 nats)          -> A (by 1 nats)",
        "  near tie, not counted   s4   A (by 0.002 nats)      -> C (by 0.001 nats)",
        "  see one       mmbench show b s0",
        "  see all       add --mm-html=FILE",
        "  accept them   add --snapshot-update",
    ]


def test_a_long_list_is_cut() -> None:
    """Twenty lines at most, and the number of the others."""
    lines = details(judge_snapshot(accepted("Ar " * 30), accepted("Bw " * 30))).splitlines()

    assert len(lines) <= 20
    assert sum("right, now wrong" in line for line in lines) == SHOWN
    assert f"  and {30 - SHOWN} more" in lines


def test_text_has_no_margins() -> None:
    """Where nothing was weighed there is none to show."""
    infinite = accepted("Ar", margin=float("inf"))

    assert "nats" not in details(
        judge_snapshot(infinite, replace(accepted("Bw", margin=float("inf"))))
    )
