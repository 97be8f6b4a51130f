import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from accepted_answers import LEAF, accepted, drawn, task_results
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.gates.snapshot import judge_snapshot
from pytest_mmbench.records import Mark
from pytest_mmbench.results import snapshots
from pytest_mmbench.results.rows import SampleResult, with_repeats
from pytest_mmbench.results.snapshots import LONGEST, SnapshotAnswers, snapshot_of, updated

TEXT = """\
{
  "schema": 2,
  "dimension": "b.d",
  "identity": "b-1",
  "method_and_scoring": "rank",
  "model": "old",
  "tolerance": 0.01,
  "answers": {
    "s0": {"answer": "A", "correctness": "correct"},
    "s1": {"answer": "", "correctness": "unparseable"},
    "s10": {"answer": "B", "correctness": "incorrect"}
  },
  "margins": {"s0": 0.37, "s1": 0.37}
}
"""
SCHEMA_1 = """\
{
  "schema": 1,
  "dimension": "b.d",
  "wording": "b-1",
  "how": "rank",
  "model": "old",
  "tolerance": 0.01,
  "answers": {
    "s0": {"chosen": "A", "mark": "right", "margin": 0.37},
    "s1": {"chosen": "", "mark": "unreadable", "margin": 0.37},
    "s10": {"chosen": "B", "mark": "wrong"}
  }
}
"""
HELD = replace(
    accepted("Ar -u", margin=0.37),
    answers={
        **accepted("Ar -u", margin=0.37).answers,
        **accepted("Bw", start=10, margin=float("inf")).answers,
    },
)


def first(now: SnapshotAnswers) -> SnapshotAnswers:
    """The same as it is accepted."""
    return updated(replace(now, answers={}), now, now.answers.keys())


def test_a_file_reads_well() -> None:
    """One line for each sample, in an order that does not depend on how they were asked."""
    turned = replace(HELD, answers=dict(reversed(list(HELD.answers.items()))))

    assert snapshots.encode(HELD) == snapshots.encode(turned) == TEXT
    assert snapshots.decode(TEXT, dimension=LEAF) == HELD


@given(drawn())
def test_what_is_written_is_read(now: SnapshotAnswers) -> None:
    """Every answer that can be accepted comes back, digits and all, as valid JSON and UTF-8."""
    held = first(now)
    text = snapshots.encode(held)

    assert snapshots.decode(text, dimension=LEAF) == held
    assert snapshots.encode(snapshots.decode(text, dimension=LEAF)) == text
    assert json.loads(text.encode("utf-8"))["answers"].keys() == held.answers.keys()
    assert "what it said" not in text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{\n", "<<<<<<< ours\n{\n", "line 1 column 1"),
        ('"correct"}', '"corect"}', "Invalid enum value 'corect'"),
        ('"incorrect"}', '"incorrect", "text": "B"}', "unknown field `text`"),
        ('"incorrect"}', '"incorrect"}\n', None),
        ('"incorrect"}', '"incorrect"},', "line 12 column 3"),
        ('"s0": 0.37', '"s0": -1', ">= 0"),
        ('"s0": 0.37', '"s0": NaN', "NaN is no margin"),
        ('"s0": 0.37', '"s2": 0.37', "a margin of 's2', and no answer"),
        ('"s1": {', '"s0": {', "'s0' stands there twice"),
        ('"b.d"', '"b.e"', "answers to b.e, in schema 2"),
        ('  "identity": "b-1",\n', "", "missing required field `identity`"),
        ('"s1": {"answer": ""', '"s1": {"answer": null', "Expected `str`, got `null`"),
        (TEXT, "", "line 1 column 1"),
        (TEXT, "[]", "Expected `object`, got `array`"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, old: str, new: str, reason: str | None) -> None:
    """What a hand or a merge has broken is told with its file; what it has only moved is read."""
    path = tmp_path / "b.d.json"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    if reason is None:
        assert snapshots.read(path, dimension=LEAF) == HELD
        return
    with pytest.raises(DataError) as caught:
        snapshots.read(path, dimension=LEAF)

    assert str(path) in caught.value.problem
    assert reason in caught.value.facts["reason"]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """As any other damage, and so is a file that cannot be read."""
    path = tmp_path / "b.d.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"b\.d\.json"):
        snapshots.read(path, dimension=LEAF)
    with pytest.raises(DataError, match="does not hold"):
        snapshots.read(tmp_path, dimension=LEAF)


def test_a_file_of_the_first_schema_is_read(tmp_path: Path) -> None:
    """Answers that were accepted under an earlier version stay accepted, margins and all."""
    path = tmp_path / "b.d.json"
    path.write_text(SCHEMA_1, encoding="utf-8")
    assert snapshots.read(path, dimension=LEAF) == HELD
    path.write_text(SCHEMA_1.replace('"mark": "wrong"', '"mark": "wrnog"'), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        snapshots.read(path, dimension=LEAF)
    assert "wrnog" in caught.value.facts["reason"]


def test_a_changed_answer_is_two_lines() -> None:
    """Margins move with any retraining: a commit shows the answer, and one line of margins."""
    old = first(accepted("Ar " * 40, margin=3))
    now = accepted("Bw" + " Ar" * 39, margin=0.1)

    before, after = snapshots.encode(old), snapshots.encode(updated(old, now, now.answers.keys()))

    lines = zip(before.split("\n"), after.split("\n"), strict=True)
    assert sum(was != now for was, now in lines) == 2


def test_a_sample_may_have_any_name() -> None:
    """Also that of a field."""
    text = TEXT.replace('"s0"', '"schema"')

    assert "schema" in snapshots.decode(text, dimension=LEAF).answers


def test_a_later_schema_is_refused(tmp_path: Path) -> None:
    """The error says what to upgrade, and is of a kind that no update passes over."""
    path = tmp_path / "b.d.json"
    path.write_text(TEXT.replace('"schema": 2', '"schema": 3'), encoding="utf-8")

    with pytest.raises(SettingsError, match="later pytest-mmbench") as caught:
        snapshots.read(path, dimension=LEAF)

    assert caught.value.facts["its schema"] == "3"


def test_writing_replaces_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies while it writes leaves the file as it was, and nothing beside it."""
    path = snapshots.path(tmp_path, "b.d")
    snapshots.write(path, "before")

    def die(part: Path, target: Path) -> None:
        assert part.read_text(encoding="utf-8") == "after"
        assert target == path
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        snapshots.write(path, "after")

    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in path.parent.iterdir()] == ["b.d.json"]


def test_a_file_lies_below_its_benchmark(tmp_path: Path) -> None:
    """At the rootdir, under the name of its leaf; a benchmark may be a leaf itself."""
    assert snapshots.path(tmp_path, "b.d") == tmp_path / "mm_snapshots" / "b" / "b.d.json"
    assert snapshots.path(tmp_path, "b") == tmp_path / "mm_snapshots" / "b" / "b.json"


def test_files_of_leaves_that_are_gone(tmp_path: Path) -> None:
    """Those of no leaf of the benchmark; what is no snapshot is not looked at."""
    for name in ("b.d", "b.e", "b.f"):
        snapshots.write(snapshots.path(tmp_path, name), TEXT)
    (snapshots.folder(tmp_path, "b") / "README.md").touch()

    gone = snapshots.obsolete(tmp_path, "b", ("b.d", "b.f"))

    assert gone == [snapshots.path(tmp_path, "b.e")]
    assert snapshots.obsolete(tmp_path, "another", ()) == []


@pytest.mark.slow  # it does what all cases of such a benchmark do
def test_a_large_benchmark_is_read(tmp_path: Path) -> None:
    """24,000 answers are accepted, written, read and compared again."""
    now = accepted("Ar Bw Cw -u " * 6_000, margin=1.23)
    path = snapshots.path(tmp_path, LEAF)

    snapshots.write(path, snapshots.encode(first(now)))
    read = snapshots.read(path, dimension=LEAF)

    assert updated(read, now, now.answers.keys()) == read


few = st.sampled_from([f"s{at}" for at in range(8)])
NOTHING = accepted("")


def row(answer: str = "A", *logprobs: float, sample: str = "s0", text: str = "") -> SampleResult:
    return SampleResult(
        sample=sample,
        mark=Mark.CORRECT,
        answer=answer,
        target="A",
        options=3,
        option_logprobs=logprobs,
        text=text,
    )


def one(given: SampleResult) -> SnapshotAnswers:
    return snapshot_of(task_results({given.sample: given}), LEAF, model="new", tolerance=0.01)


def margin(*logprobs: float) -> float:
    """The margin that is accepted of an answer whose options are so likely."""
    return updated(NOTHING, one(row("A", *logprobs)), {"s0"}).answers["s0"].margin


def test_what_was_read_is_taken_and_what_was_said_is_not() -> None:
    """Neither a text nor log-probabilities go where they would be committed."""
    found = one(row("B", -0.5, -1.75, text="I think it is B, because"))

    assert (found.answers["s0"].answer, found.answers["s0"].margin) == ("B", 1.25)
    assert "because" not in repr(found)


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        ((-0.1, -0.478), 0.38),
        ((-1.0, -1.00044), 0.0004),
        ((-1.0, -1.00001), 0.0),
        ((-1.0, -8.26), 7.3),
        ((0.0, -90.0), 20.0),
        ((), math.inf),
        ((-1.0,), math.inf),
        ((-math.inf, -math.inf), math.inf),
        ((0.0, -math.inf), math.inf),
    ],
)
def test_margins_are_rounded(logprobs: tuple[float, ...], expected: float) -> None:
    """Two digits, four decimals at most, nothing beyond 20 nats; none where nothing was weighed."""
    assert margin(*logprobs) == expected


def test_a_long_answer_is_abridged_and_still_told_apart() -> None:
    """Of a text only the beginning is kept, in one line, with a digest of all of it."""
    first, second = (one(row("a very\nlong  " + "text " * 40 + end)) for end in ("a", "b"))
    shown = first.answers["s0"].answer

    assert shown.startswith("a very long text text")
    assert len(shown) <= LONGEST
    assert shown != second.answers["s0"].answer


@given(st.text())
def test_abridging_again_changes_nothing(text: str) -> None:
    """What was accepted can be compared with what is read anew."""
    once = one(row(text)).answers["s0"].answer

    assert one(row(once)).answers["s0"].answer == once
    assert once.encode("utf-8").decode() == once
    assert "\n" not in once


@given(drawn())
def test_what_is_accepted_for_the_first_time(now: SnapshotAnswers) -> None:
    """Every answer, as it was read; comparing it with itself finds nothing."""
    found = updated(replace(now, answers={}), now, now.answers.keys())

    assert found.answers.keys() == now.answers.keys()
    assert not judge_snapshot(found, now).changes


@given(drawn(few), drawn(few))
def test_accepting_twice_changes_nothing(held: SnapshotAnswers, now: SnapshotAnswers) -> None:
    """The same answers give the same file, whatever was accepted before."""
    known = {*held.answers, *now.answers}
    once = updated(held, now, known)

    assert updated(once, now, known) == once
    assert not judge_snapshot(once, now).changes
    assert not judge_snapshot(once, now).missing


@given(drawn(few), drawn(few), st.sets(few))
def test_nothing_but_what_is_known_is_kept(
    held: SnapshotAnswers, now: SnapshotAnswers, known: set[str]
) -> None:
    """Answers that were not asked stay as they are, unless the benchmark has lost their sample."""
    found = updated(held, now, known)

    unasked = (held.answers.keys() & known) - now.answers.keys()
    assert found.answers.keys() == now.answers.keys() | unasked
    assert all(found.answers[sample] == held.answers[sample] for sample in unasked)


@given(drawn(few), drawn(few))
def test_other_questions_keep_nothing(held: SnapshotAnswers, now: SnapshotAnswers) -> None:
    """Answers to two questions never stand in one file."""
    found = updated(replace(held, identity="b-0"), now, {*held.answers, *now.answers})

    assert found.answers.keys() == now.answers.keys()
    assert found.identity == now.identity


@pytest.mark.parametrize(
    ("now", "kept"), [(4.0, 4), (5.0, 4), (2.0, 4), (8.0, 4), (9.0, 9), (1.9, 1.9)]
)
def test_an_unchanged_answer_keeps_its_margin(now: float, kept: float) -> None:
    """As long as it is half to twice as wide: a new checkpoint does not rewrite every line."""
    held = updated(NOTHING, accepted("Ar", margin=4.0), {"s0"})
    found = updated(held, accepted("Ar", margin=now), {"s0"})

    assert found.answers["s0"].margin == kept


def test_a_changed_answer_has_its_own_margin() -> None:
    """However near the two are."""
    held = updated(NOTHING, accepted("Ar", margin=4.0), {"s0"})

    assert updated(held, accepted("Bw", margin=4.1), {"s0"}).answers["s0"].margin == 4.1


def test_a_model_that_answers_the_same_does_not_rename_the_file() -> None:
    """Nothing but an answer, a question or a tolerance is worth a commit."""
    held = replace(accepted("Ar Bw"), model="first")
    same = replace(held, model="second")
    other = replace(accepted("Ar Br"), model="second")

    assert updated(held, same, {"s0", "s1"}) == held
    assert updated(held, other, {"s0", "s1"}).model == "second"


def test_the_wider_tolerance_is_kept_with_the_answers_that_need_it() -> None:
    """A file that holds answers of two models holds the noise of both."""
    held = accepted("Ar Bw", tolerance=0.5)
    part = accepted("Br", tolerance=0.001)

    assert updated(held, part, {"s0", "s1"}).tolerance == 0.5
    assert updated(held, part, {"s0"}).tolerance == 0.001


@pytest.mark.parametrize(("measured", "kept"), [(0.00209, 0.0021), (0.0043, 0.0043)])
def test_a_tolerance_that_was_measured_again_is_the_one_that_was_accepted(
    measured: float, kept: float
) -> None:
    """Calibrating twice never gives the same number, and is no reason for a commit."""
    held = updated(NOTHING, accepted("Ar", tolerance=0.00214), {"s0"})

    assert held.tolerance == 0.0021
    assert updated(held, accepted("Ar", tolerance=measured), {"s0"}).tolerance == kept


def test_a_snapshot_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    """As any other damage, and not as an error of Python's."""
    path = tmp_path / "b.d.json"
    path.write_text("[" * 100_000, encoding="utf-8")

    with pytest.raises(DataError, match="does not hold a snapshot"):
        snapshots.read(path, dimension=LEAF)


def test_a_snapshot_keeps_parts_of_credits() -> None:
    """An answer that earns another part than the accepted one is written anew, and read exactly."""
    third = replace(HELD.answers["s10"], partial=Fraction(1, 3))
    half = replace(third, partial=Fraction(1, 2))
    held = replace(HELD, answers={**HELD.answers, "s10": third})

    text = snapshots.encode(held)
    now = updated(held, replace(held, answers={**held.answers, "s10": half}), held.answers.keys())

    assert '"s10": {"answer": "B", "correctness": "incorrect", "partial": "1/3"}' in text
    assert snapshots.decode(text, dimension=LEAF) == held
    assert now.answers["s10"].partial == Fraction(1, 2)
    verdict = judge_snapshot(held, now)
    assert (verdict.regressed, verdict.fixed) == (0, 1)
    assert "1 still wrong, more credit" in verdict.explanation


def test_of_several_answers_the_commonest_is_kept() -> None:
    """With the mean of what they earned: a snapshot of draws is one line a question too."""
    wrong = SampleResult(sample="s0", mark=Mark.INCORRECT, answer="B", target="A", options=2)
    right = replace(wrong, mark=Mark.CORRECT, answer="A")
    task = task_results({"s0": with_repeats([wrong, right, right])})
    found = snapshot_of(task, LEAF, model="m", tolerance=0.01)

    kept = snapshots.decode(snapshots.encode(found), dimension=LEAF).answers["s0"]
    assert (kept.answer, kept.mark, kept.partial) == ("A", Mark.INCORRECT, Fraction(2, 3))
    other = replace(found, answers={"s0": replace(kept, partial=Fraction(1, 3))})
    assert updated(found, other, ["s0"]).answers["s0"].partial == Fraction(1, 3)
