from dataclasses import replace
from decimal import Decimal

import pytest
from accepted_answers import accepted, drawn
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.config.tables import SnapshotSettings
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.snapshot import MOST_SHOWN, details, judge_snapshot
from pytest_mmbench.gates.verdicts import FlipKind, SnapshotAnswer, SnapshotChange
from pytest_mmbench.records import CountedChanges, Mark, Outcome
from pytest_mmbench.results.snapshots import SnapshotAnswers

few = st.sampled_from([f"s{at}" for at in range(8)])


def test_the_same_answers_pass() -> None:
    """Whoever gave them, and whether or not they are correct."""
    found = judge_snapshot(accepted("Ar Bw -u"), replace(accepted("Ar Bw -u"), model="new"))

    assert (found.outcome, found.changes) == (Outcome.PASS, ())
    assert found.explanation == "b.d keeps 3 answers of the snapshot"


@pytest.mark.parametrize("now", ["Bw", "-u", "Br"])
def test_a_change_fails_whatever_it_is(now: str) -> None:
    """Regressed, unparseable or correct in another way: nobody has accepted it."""
    assert judge_snapshot(accepted("Ar"), accepted(now)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("allow", "count", "now", "outcome"),
    [
        (1, CountedChanges.ALL, "Bw Ar Ar Ar", Outcome.PASS),
        (1, CountedChanges.ALL, "Bw Bw Ar Ar", Outcome.FAIL),
        (Decimal("0.25"), CountedChanges.ALL, "Bw Ar Ar Ar", Outcome.PASS),
        (Decimal("0.24"), CountedChanges.ALL, "Bw Ar Ar Ar", Outcome.FAIL),
        (0, CountedChanges.REGRESSED, "Br Br Br Br", Outcome.PASS),
        (0, CountedChanges.REGRESSED, "Br Br Br -u", Outcome.FAIL),
        (9, CountedChanges.ALL, "Ar Ar Ar Ar Ar", Outcome.FAIL),
    ],
)
def test_some_changes_may_be_allowed(
    allow: int | Decimal, count: CountedChanges, now: str, outcome: Outcome
) -> None:
    """A number or a share of the answers compared; a sample without an answer always fails."""
    settings = SnapshotSettings(allow={"": allow}, count=count)

    verdict = judge_snapshot(accepted("Ar Ar Ar Ar"), accepted(now), settings=settings)

    assert verdict.outcome is outcome
    assert (verdict.count, verdict.allowed) == (count, settings.allowed("b.d", 4))


def test_what_is_allowed_is_in_the_sentence() -> None:
    """Beside the number that it is compared with."""
    some = SnapshotSettings(allow={"b": 1}, count=CountedChanges.ALL)
    regressed = SnapshotSettings(allow={}, count=CountedChanges.REGRESSED)

    sentences = [
        judge_snapshot(accepted("Ar Bw"), accepted("Ar Cw"), settings=one).explanation
        for one in (some, regressed)
    ]

    changed = "b.d changed 1 of 2 answers in the snapshot: 1 still wrong, different answer"
    assert sentences == [f"{changed}; 1 allowed", f"{changed}; 0 regressed, 0 allowed"]


def test_a_fixed_answer_fails_too() -> None:
    """What is welcome is accepted by whoever welcomes it."""
    found = judge_snapshot(accepted("Bw Ar"), accepted("Ar Ar"))

    assert (found.outcome, found.fixed, found.regressed) == (Outcome.FAIL, 1, 0)
    assert found.explanation == "b.d changed 1 of 2 answers in the snapshot: 1 now correct"


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
    assert len(found.changes) == 1


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


def test_a_sample_that_the_snapshot_does_not_have_fails() -> None:
    """Also where all others are as they were."""
    found = judge_snapshot(accepted("Ar"), accepted("Ar Bw"))
    nothing = judge_snapshot(accepted(""), accepted("Ar Bw"))

    assert (found.outcome, found.missing) == (Outcome.FAIL, 1)
    assert found.explanation == (
        "b.d keeps 1 answer of the snapshot; 1 of 2 samples are not in the snapshot"
    )
    assert nothing.explanation == "b.d has no answer to 2 samples in the snapshot"


def test_answers_to_other_questions_are_refused() -> None:
    """Nothing is compared, and the reason says both questions."""
    found = judge_snapshot(accepted("Ar", wording="b-0"), accepted("Bw"))

    assert (found.outcome, found.changes) == (Outcome.INVALID, ())
    assert found.explanation == (
        "b.d cannot be compared: the snapshot answers b-0 (rank), and b-1 (rank) is asked now"
    )


def test_nothing_asked_is_no_pass() -> None:
    """Where no sample could be asked there is nothing to say."""
    with pytest.raises(DataError, match=r"no sample of b\.d could be asked"):
        judge_snapshot(accepted("Ar"), accepted(""))


@given(drawn(few), drawn(few))
def test_every_change_is_counted_once(expected: SnapshotAnswers, actual: SnapshotAnswers) -> None:
    """Regressed, fixed, other and near ties add up to what changed."""
    found = judge_snapshot(expected, actual)

    counted = [each for each in found.changes if not each.near_tie]
    assert found.regressed + found.fixed + found.other == len(counted)
    assert len(counted) + found.near_ties == len(found.changes)
    assert (found.outcome is Outcome.PASS) == (not counted and not found.missing)


@pytest.mark.parametrize(
    ("expected", "actual", "sentence"),
    [
        ("", "Ar Bw", "b.d: 2 answers accepted, for the first time"),
        ("Ar", "Ar", "b.d: 1 answer accepted, as before"),
        ("Ar Bw", "Bw Bw", "b.d: 2 answers accepted, 1 of them changed"),
        ("Ar", "Bw Bw", "b.d: 2 answers accepted, 1 of them changed, 1 of them new"),
    ],
)
def test_what_was_accepted_is_told(expected: str, actual: str, sentence: str) -> None:
    """An update gates nothing, and says what is new in it."""
    found = judge_snapshot(accepted(expected), accepted(actual), updated=True)

    assert found.outcome is Outcome.NOT_GATED
    assert found.explanation == sentence


def test_other_questions_are_told_when_they_are_accepted() -> None:
    """Nobody shall think that the answers are the same."""
    found = judge_snapshot(accepted("Ar", wording="b-0"), accepted("Ar"), updated=True)

    assert found.outcome is Outcome.NOT_GATED
    assert found.explanation == "b.d: 1 answer accepted, to another question than before"


def test_a_failure_is_told_worst_first() -> None:
    """The sentence, then each change with its margins, near ties last, then what to do."""
    held = accepted("Ar Ar Bw -u Ar")
    now = accepted("Bw -u Ar Cw Ar", margin=1)
    tied, then = accepted("Ar", margin=0.002, start=4), accepted("Cw", margin=0.001, start=4)
    held = replace(held, answers={**held.answers, **tied.answers})
    now = replace(now, answers={**now.answers, **then.answers})

    assert details(judge_snapshot(held, now)).splitlines() == [
        (
            "b.d changed 4 of 5 answers in the snapshot: 1 correct and now incorrect, 1 correct and"
            " now unparseable, 1 unparseable and now incorrect, 1 now correct; 1 near tie not"
            " counted"
        ),
        "  correct, now incorrect       s0   A (by 9 nats)           -> B (by 1 nats)",
        "  correct, now unparseable     s1   A (by 9 nats)           -> unparseable (by 1 nats)",
        "  unparseable, now incorrect   s3   unparseable (by 9 nats) -> C (by 1 nats)",
        "  now correct                  s2   B (by 9 nats)           -> A (by 1 nats)",
        "  near tie, not counted        s4   A (by 0.002 nats)       -> C (by 0.001 nats)",
        "  see one       mmbench show b s0",
        "  see all       add --mm-html=FILE",
        "  accept them   add --snapshot-update",
        "  two releases  compare other weights with --mm-baseline, not a snapshot",
    ]


def test_a_long_list_is_cut() -> None:
    """Twenty lines at most, and the number of the others."""
    lines = details(judge_snapshot(accepted("Ar " * 30), accepted("Bw " * 30))).splitlines()

    assert len(lines) <= 20
    assert sum("correct, now incorrect" in line for line in lines) == MOST_SHOWN
    assert f"  and {30 - MOST_SHOWN} more" in lines


def test_a_change_holds_both_answers() -> None:
    """What a report shows of a change, it has from the verdict alone."""
    infinite = accepted("Ar -u", margin=float("inf"))

    found = judge_snapshot(infinite, accepted("-u Cw", margin=0.5))

    assert found.changes == (
        SnapshotChange(
            sample="s0",
            kind=FlipKind.CORRECT_TO_UNPARSEABLE,
            near_tie=False,
            expected=SnapshotAnswer(answer="A", correctness=Mark.CORRECT),
            actual=SnapshotAnswer(answer="", correctness=Mark.UNPARSEABLE, margin=0.5),
        ),
        SnapshotChange(
            sample="s1",
            kind=FlipKind.BECAME_PARSEABLE,
            near_tie=False,
            expected=SnapshotAnswer(answer="", correctness=Mark.UNPARSEABLE),
            actual=SnapshotAnswer(answer="C", correctness=Mark.INCORRECT, margin=0.5),
        ),
    )
    assert (found.total, found.regressed, found.fixed, found.other) == (2, 1, 0, 1)


def test_text_has_no_margins() -> None:
    """Where nothing was weighed there is none to show."""
    infinite = accepted("Ar", margin=float("inf"))

    assert "nats" not in details(
        judge_snapshot(infinite, replace(accepted("Bw", margin=float("inf"))))
    )
