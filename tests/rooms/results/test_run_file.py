import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saved_runs import saved

from pytest_mmbench.errors import CheckpointError, DataError, SettingsError
from pytest_mmbench.records import Average, Dimension, Mark, Method, Unit
from pytest_mmbench.records.generation import Decoding
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.rows import (
    DimensionTree,
    SampleResult,
    TaskResults,
    TaskSpec,
    with_repeats,
)
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.scorers.likelihood import most_likely

FIXTURES = Path(__file__).parents[3] / "fixtures"
SCHEMA_1 = FIXTURES / "runs" / "schema-1.json"
"""Written by the last version that wrote this schema, in a run with three conditions."""
LEAVES = ("b.x", "b.y")
THIRD = Fraction(1, 3)
TREE = DimensionTree(
    nodes=(
        Dimension(path="b", leaves=LEAVES, size=4, average=Average.MACRO, scale=2000),
        *(Dimension(path=leaf, leaves=(leaf,), size=2, unit=Unit.PAIR) for leaf in LEAVES),
        Dimension(path="b.view", leaves=("b.view",), size=1),
    ),
    views={"b.view": ("x-1",)},
)


def row(sample: str, mark: Mark = Mark.CORRECT) -> SampleResult:
    return SampleResult(
        sample=sample,
        mark=mark,
        answer="A",
        target="A" if mark is Mark.CORRECT else "B",
        options=2,
        option_logprobs=(-1.5, -2.0),
    )


def task(*leaves: str, condition: str = "image", **changes: Any) -> TaskResults:
    rows = {leaf: (row(f"{leaf[-1]}-1"), row(f"{leaf[-1]}-2", Mark.INCORRECT)) for leaf in leaves}
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition=condition,
        condition_used=condition,
    )
    return TaskResults(spec=replace(spec, **changes), rows=rows)


def run(*tasks: TaskResults) -> SavedRun:
    return SavedRun(
        model="old",
        fingerprint="f1",
        tolerance=1e-3,
        created="2026-11-24T06:00:00+00:00",
        facts={"dtype": "float32"},
        trees={"b": TREE},
        tasks=tasks,
    )


logprobs = st.lists(st.floats(-1e300, 0), min_size=1, max_size=26).map(tuple)


@st.composite
def rows(draw: st.DrawFn) -> SampleResult:
    """A result of a ranked question, of one with letters that was answered in text, or of text."""
    ranked = draw(st.just(()) | logprobs)
    options = len(ranked) or draw(st.integers(0, 26))
    answer = most_likely(ranked) if ranked else draw(st.sampled_from(["", "A", "B"]))
    target = draw(st.sampled_from(["A", "B"]) if options else st.text(max_size=3))
    mark = Mark.CORRECT if answer == target else draw(st.sampled_from([*Mark][1:]))
    return SampleResult(
        sample=draw(st.text()),
        mark=mark if mark is not Mark.UNPARSEABLE or not answer else Mark.INCORRECT,
        answer=answer,
        target=target,
        options=options,
        option_logprobs=ranked,
        text=draw(st.text()),
        cluster=draw(st.text()),
        unit=draw(st.text()),
    )


@given(st.lists(rows(), unique_by=lambda row: row.sample).map(tuple), st.floats(0, 10))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, found: tuple[SampleResult, ...], tolerance: float
) -> None:
    """Every digit, every text, and the tree with its rules."""
    path = tmp_path_factory.mktemp("runs") / "run.json"
    written = replace(run(task()), tolerance=tolerance)
    written = replace(written, tasks=(replace(task(), rows={"b.x": found}),))

    run_file.write(written, path)

    assert run_file.read(path) == written
    assert [each.name for each in path.parent.iterdir()] == ["run.json"]


def with_row(**fields: Any) -> SavedRun:
    return run(replace(task(), rows={"b.x": (replace(row("x-1"), **fields),)}))


@pytest.mark.parametrize(
    ("lying", "reason"),
    [
        (replace(run(task("b.x")), tolerance=1e9), "a tolerance of 1e+09 nats"),
        (replace(run(task("b.x")), tolerances={"b": -0.1}), "a tolerance of -0.1 nats"),
        (with_row(mark=Mark.INCORRECT), "is incorrect, its answer is 'A' and its target 'A'"),
        (with_row(target="B"), "is correct, its answer is 'A' and its target 'B'"),
        (with_row(mark=Mark.UNPARSEABLE), "is unparseable and answers 'A'"),
        (with_row(option_logprobs=(-2.0, -1.5)), "finds B most likely and answers 'A'"),
        (with_row(option_logprobs=(-1.5,)), "has 1 log-probabilities for 2 options"),
        (with_row(option_logprobs=(500.0, -1.5)), "has a log-probability of 500 nats"),
        (run(replace(task(), rows={"b.x": (row("s"), row("s"))})), "stands there twice"),
        (run(task("b.x"), task("b.y")), "it was asked b (image) 2 times"),
    ],
)
def test_what_cannot_be_true_is_refused(tmp_path: Path, lying: SavedRun, reason: str) -> None:
    """A file that was edited by hand or by a merge makes no lost answer a near tie or a miss."""
    path = tmp_path / "run.json"
    run_file.write(lying, path)

    with pytest.raises(DataError) as caught:
        run_file.read(path)

    assert reason in caught.value.facts["reason"]


def test_a_scorer_of_somebody_else_may_accept_other_letters(tmp_path: Path) -> None:
    """Its rule has another name, and a comparison by another rule is refused."""
    lenient = replace(with_row(target="B").tasks[0], spec=replace(task().spec, scoring="lenient"))
    path = tmp_path / "run.json"

    run_file.write(run(lenient), path)

    assert run_file.read(path).tasks == (lenient,)


def test_processes_that_asked_different_models_make_no_run() -> None:
    """Weights may be replaced after one process has loaded them and before another does."""
    one, other = run(task()), replace(run(task()), fingerprint="of other weights")

    with pytest.raises(CheckpointError, match="have not asked the same model"):
        run_file.merged([one, other])


def test_an_open_question_may_accept_other_answers(tmp_path: Path) -> None:
    """Whether a text without options is correct is for its scorer to say."""
    path = tmp_path / "run.json"
    written = with_row(options=0, option_logprobs=(), answer="a dozen", target="12")

    run_file.write(written, path)

    assert run_file.read(path) == written


@pytest.mark.parametrize("key", ["tasks", "model", "b.x"])
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, key: str) -> None:
    """A merge leaves both, and readers keep one of them in silence."""
    path = tmp_path / "run.json"
    run_file.write(run(task("b.x")), path)
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace(f'"{key}":', f'"{key}":{{}},"{key}":', 1), encoding="utf-8")

    with pytest.raises(DataError) as caught:
        run_file.read(path)

    assert caught.value.facts["reason"] == f"'{key}' stands there twice"


def test_a_file_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    """As any other that is no run, and not as an error of Python's."""
    path = tmp_path / "run.json"
    path.write_text("[" * 100_000, encoding="utf-8")

    with pytest.raises(DataError, match="is not a saved run"):
        run_file.read(path)


def test_the_margin_follows_from_what_is_kept() -> None:
    """No infinity is written: an answer that was not ranked has no log-probabilities."""
    assert not math.isinf(row("s").option_logprobs[0])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not a saved run"),
        ("{}", "is not a saved run"),
        ('{"schema": 1, "model": 3}', "is not a saved run"),
        ('{"schema": 2, "model": 3}', "is not a saved run"),
        ('{"schema": "two"}', "is not a saved run"),
        ('{"schema": 99}', "was written by a later pytest-mmbench"),
        ("[1]", "is not a saved run"),
    ],
)
def test_a_file_that_is_no_run(tmp_path: Path, content: str, problem: str) -> None:
    """The error names the file, and what may be named instead."""
    path = tmp_path / "run.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(DataError, match=problem):
        run_file.read(path)


@pytest.mark.parametrize("name", ["schema-1.json", "schema-1-snapshot.json"])
def test_a_report_is_no_run(name: str) -> None:
    """It has the same ending, and holds verdicts instead of answers."""
    with pytest.raises(DataError, match="is not a saved run") as caught:
        run_file.read(FIXTURES / "reports" / name)

    assert "a report of --mm-json holds no answers" in caught.value.facts["what to do"]


def test_a_run_whose_trees_are_gone_is_no_run(tmp_path: Path) -> None:
    """Somebody has edited it: without its dimensions nothing can be said of its answers."""
    path = tmp_path / "run.json"
    run_file.write(replace(saved(), trees={}), path)

    with pytest.raises(DataError) as caught:
        run_file.read(path)

    assert caught.value.facts["reason"] == "it has answers to shapes and no such tree"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is told as such, not as damaged."""
    with pytest.raises(DataError) as caught:
        run_file.read(tmp_path / "none.json")

    assert caught.value.facts["reason"] == "No such file or directory"


def test_rows_are_found_by_benchmark_and_condition() -> None:
    """What was not asked is told, with what was."""
    saved = run(task("b.x"), task("b.y", condition="no-image"))

    assert list(saved.results("b", "image")) == ["b.x"]
    assert list(saved.results("b", "no-image")) == ["b.y"]
    with pytest.raises(DataError, match=r"has no answers to b \(grey\)") as caught:
        saved.results("b", "grey")
    assert caught.value.facts["it has"] == "b (image), b (no-image)"


def test_baselines_have_names(tmp_path: Path) -> None:
    """A name wins over a path; a checkpoint is neither."""
    run_file.write(run(task("b.x")), tmp_path / "mm_baselines" / "released.json")
    run_file.write(run(task("b.x")), tmp_path / "other.json")

    assert baselines.find_run("released", tmp_path) == tmp_path / "mm_baselines" / "released.json"
    assert baselines.find_run("other.json", tmp_path) == tmp_path / "other.json"
    assert baselines.find_run(str(tmp_path / "other.json"), tmp_path) == tmp_path / "other.json"
    assert baselines.find_run("checkpoints/released", tmp_path) is None
    assert baselines.find_run("scripted:old.json", tmp_path) is None
    assert baselines.find_run("", tmp_path) is None


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the nearest name that is."""
    run_file.write(run(task("b.x")), tmp_path / "other.json")

    with pytest.raises(DataError) as caught:
        baselines.find_run("othr.json", tmp_path)

    assert caught.value.facts["did you mean"] == "'other.json'?"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"benchmark": "c"}, "the baseline old was not asked b."),
        ({"revision": "b-2"}, "the baseline old was not asked the same b."),
        ({"method": Method.RANK_MEAN}, "the baseline old was not asked the same b."),
        ({"scoring": "official"}, "the baseline old was not asked the same b."),
        ({"condition_used": "grey"}, "the baseline old was not asked the same b."),
    ],
)
def test_only_like_is_compared_with_like(changes: dict[str, Any], problem: str) -> None:
    """Other data, wording, method or scoring is refused with both sides."""
    with pytest.raises(SettingsError) as caught:
        run_file.check_same(run(task("b.x", **changes)), [task()], asked_for_by="--mm-baseline")

    assert caught.value.problem == problem
    assert caught.value.facts.get("now", "b-1 rank b image (rank)") == "b-1 rank b image (rank)"
    run_file.check_same(run(task("b.x")), [task()], asked_for_by="--mm-baseline")


def test_parts_make_a_whole() -> None:
    """What processes have scored of one run is put together leaf by leaf."""
    parts = [run(task("b.x")), run(task("b.y"), task("b.x", condition="grey"))]

    whole = run_file.merged(parts)

    assert list(whole.results("b", "image")) == ["b.x", "b.y"]
    assert list(whole.results("b", "grey")) == ["b.x"]


def test_what_processes_have_to_say_is_said_once() -> None:
    """Each of them has checked its own copy of the model, and found the same."""
    parts = [replace(run(task("b.x")), notes=notes) for notes in (("one", "two"), ("two",), ())]
    assert run_file.merged(parts).notes == ("one", "two")


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    """Other programs can read it without this one."""
    run_file.write(run(task("b.x")), tmp_path / "run.json")

    found = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))

    assert (found["schema"], found["model"]) == (2, "old")
    assert found["tasks"][0]["spec"]["method"] == "rank"
    assert found["tasks"][0]["rows"]["b.x"][0]["mark"] == "correct"


def test_a_file_of_schema_1_is_read() -> None:
    """A file that the version before has written: its words are translated, and nothing is lost."""
    old = json.loads(SCHEMA_1.read_text(encoding="utf-8"))

    found = run_file.read(SCHEMA_1)

    assert (old["schema"], found.schema) == (1, 2)
    assert (found.model, found.fingerprint, found.created) == (
        old["model"],
        old["fingerprint"],
        old["made"],
    )
    assert (found.tolerance, found.tolerances, found.facts) == (
        old["tolerance"],
        old["tolerances"],
        old["facts"],
    )
    assert [each.spec.describe() for each in found.tasks] == [
        f"{sheet['wording']} ({sheet['how']})" for sheet in old["sheets"]
    ]
    for sheet, results in zip(old["sheets"], found.tasks, strict=True):
        assert [
            [sheet[name] for name in ("benchmark", "condition", "shown", "solved", "left_out")]
        ] == [
            [
                results.benchmark,
                results.condition,
                results.spec.condition_used,
                results.spec.few_shot,
                results.left_out,
            ]
        ]
        for leaf, rows_of_leaf in sheet["rows"].items():
            assert [in_schema_1(each) for each in results.rows[leaf]] == rows_of_leaf


def in_schema_1(result: SampleResult) -> dict[str, Any]:
    """A result as a file of schema 1 has it."""
    return {
        "sample": result.sample,
        "mark": {"correct": "right", "incorrect": "wrong", "unparseable": "unreadable"}[
            result.mark
        ],
        "chosen": result.answer,
        "target": result.target,
        "options": result.options,
        "worths": list(result.option_logprobs),
        "text": result.text,
        "cluster": result.cluster,
        "unit": result.unit,
    }


def test_a_file_of_schema_1_says_what_was_asked() -> None:
    """Its two texts are taken apart, also where a revision looks like their end."""
    found = run_file.read(SCHEMA_1)

    assert found.task("shapes", "mismatched").spec == TaskSpec(
        benchmark="shapes",
        revision="shapes-1 seed=20260419 per-axis=2",
        method=Method.GENERATE,
        scoring="strict",
        condition="mismatched",
        condition_used="mismatched",
        seed=7,
    )
    assert found.task("mme", "image").spec.scoring == ""
    assert found.trees["mme"].node("mme.perception").scale == 2000
    assert {
        each.mark for results in found.results("shapes", "image").values() for each in results
    } == {*Mark}


def test_what_is_read_of_schema_1_is_written_as_schema_2(tmp_path: Path) -> None:
    """And is the same run."""
    found = run_file.read(SCHEMA_1)

    run_file.write(found, tmp_path / "run.json")

    assert run_file.read(tmp_path / "run.json") == found
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["schema"] == 2


@pytest.mark.parametrize(
    ("written", "instead", "reason"),
    [
        ('"mark":"right"', '"mark":"rigth"', "Invalid enum value 'rigth'"),
        ('"sheets":', '"sheet":', "missing required field `sheets`"),
        ('"chosen":', '"choosen":', "missing required field `chosen`"),
        ("generate shapes image", "generate shapes", "is not that of shapes"),
        ('"generate, strict scoring"', '"guess"', "is not that of shapes"),
        ('"trees":{"shapes"', '"trees":{"shaped"', "it has answers to shapes and no such tree"),
    ],
)
def test_a_damaged_file_of_schema_1_is_refused(
    tmp_path: Path, written: str, instead: str, reason: str
) -> None:
    """As one of today is, in the words of the file."""
    path, text = tmp_path / "run.json", SCHEMA_1.read_text(encoding="utf-8")
    assert written in text
    path.write_text(text.replace(written, instead), encoding="utf-8")

    with pytest.raises(DataError, match="is not a saved run") as caught:
        run_file.read(path)

    assert reason in caught.value.facts["reason"]


def test_a_tolerance_belongs_to_its_benchmark(tmp_path: Path) -> None:
    """A file of an earlier version has one for all; parts of a run bring theirs together."""
    path = tmp_path / "run.json"
    run_file.write(run(task()), path)
    earlier = json.loads(path.read_text(encoding="utf-8"))
    del earlier["tolerances"]
    path.write_text(json.dumps(earlier), encoding="utf-8")

    old = run_file.read(path)
    here = replace(run(task()), tolerances={"b": 0.2, "d": 1e-3}, measured=("b",))
    there = replace(run(task()), tolerances={"b": 0.3, "c": 0.5, "d": 0.1}, measured=tuple("bcd"))
    both = run_file.merged([here, there])

    assert old.tolerance_of("b") == 1e-3
    assert {name: both.tolerance_of(name) for name in "bcd"} == {"b": 0.2, "c": 0.5, "d": 0.1}
    assert (both.tolerance, both.measured) == (0.5, ("b", "c", "d"))


def test_an_earlier_file_is_measured_if_it_is_not_what_is_assumed() -> None:
    """It does not say; and what was assumed then is assumed anew, for the method."""
    facts = {"dtype": "torch.bfloat16"}
    spec = replace(task().spec, method=Method.RANK_MEAN)
    mean = replace(run(replace(task(), spec=spec)), facts=facts, tolerances={"b": 0.5})
    summed = replace(run(task()), facts=facts, tolerances={"b": 0.5})
    measured = replace(mean, tolerances={"b": 0.031})

    assert not mean.is_measured("b")
    assert mean.tolerance_of("b") < summed.tolerance_of("b") == 0.5
    assert (measured.is_measured("b"), measured.tolerance_of("b")) == (True, 0.031)


def test_a_part_of_a_credit_is_written_exactly(tmp_path: Path) -> None:
    """A third stays a third, so that a threshold of a third is reached again."""
    third = replace(row("x-1", Mark.INCORRECT), options=0, option_logprobs=(), partial=THIRD)
    wanted = run(replace(task(), rows={"b.x": (third,)}))

    run_file.write(wanted, tmp_path / "run.json")

    assert run_file.read(tmp_path / "run.json") == wanted


@pytest.mark.parametrize(
    ("partial", "reason"),
    [
        ("4/3", "cannot earn 4/3 in part"),
        ("1", "cannot earn 1 in part"),
        ("-1/3", "cannot earn -1/3 in part"),
        ("1/0", "divides by zero"),
        ("third", "Invalid literal"),
        ("1/" + "9" * 3_000, "is no fraction"),
        (0.5, "is no fraction"),
    ],
)
def test_a_part_that_no_answer_can_earn(tmp_path: Path, partial: object, reason: str) -> None:
    """A hand that has edited a run is told what cannot be."""
    path = tmp_path / "run.json"
    run_file.write(run(replace(task(), rows={"b.x": (row("x-1", Mark.INCORRECT),)})), path)
    content = json.loads(path.read_text("utf-8"))
    content["tasks"][0]["rows"]["b.x"][0]["partial"] = partial
    path.write_text(json.dumps(content), "utf-8")

    with pytest.raises(DataError) as refused:
        run_file.read(path)

    assert reason in refused.value.facts["reason"]


def test_a_correct_answer_earns_no_part() -> None:
    """What is correct has earned everything already."""
    with pytest.raises(ValueError, match="an answer that is correct cannot earn 1/3 in part"):
        replace(row("x-1"), partial=THIRD)


def repeated(**fields: Any) -> SavedRun:
    """A run that asked a question twice, with what somebody has written into its row."""
    first = replace(row("x-1"), option_logprobs=())
    second = replace(first, mark=Mark.INCORRECT, answer="B")
    decoding = Decoding(temperature=0.5, repeats=2)
    asked = task(scoring="strict", method=Method.GENERATE, decoding=decoding)
    whole = replace(with_repeats([first, second]), **fields)
    return run(replace(asked, rows={"b.x": (whole,)}))


def test_single_answers_are_kept(tmp_path: Path) -> None:
    """What was read of each of them, and the mean of what they earned."""
    run_file.write(repeated(), tmp_path / "run.json")
    found = run_file.read(tmp_path / "run.json")

    assert found == repeated()
    assert [each.answer for each in found.tasks[0].rows["b.x"][0].repeats] == ["A", "B"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"partial": THIRD}, "its repeats say otherwise"),
        ({"answer": "B"}, "its repeats say otherwise"),
        ({"cut_short": True}, "its repeats say otherwise"),
        ({"mark": Mark.CORRECT, "partial": Fraction(0)}, "its repeats say otherwise"),
        ({"repeats": ()}, "has 0 repeats where each question was asked 2 times"),
        ({"target": "C"}, "and its target 'C', once"),
    ],
)
def test_a_mean_that_its_answers_do_not_have(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    """A hand that edits a question has to edit its answers too, and is told."""
    run_file.write(repeated(**fields), tmp_path / "run.json")

    with pytest.raises(DataError) as refused:
        run_file.read(tmp_path / "run.json")

    assert reason in refused.value.facts["reason"]
