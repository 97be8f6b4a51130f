import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saved_runs import saved

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.records import Average, Dimension, Mark, Method, Unit
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.rows import DimensionTree, SampleResult, TaskResults, TaskSpec
from pytest_mmbench.results.run_file import SavedRun

FIXTURES = Path(__file__).parents[3] / "fixtures"
SCHEMA_1 = FIXTURES / "runs" / "schema-1.json"
"""Written by the last version that wrote this schema, in a run with three conditions."""
LEAVES = ("b.x", "b.y")
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
        sample=sample, mark=mark, answer="A", target="A", options=4, option_logprobs=(-1.5, -2.0)
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


rows = st.builds(
    SampleResult,
    sample=st.text(),
    mark=st.sampled_from(Mark),
    answer=st.text(max_size=3),
    target=st.text(max_size=3),
    options=st.integers(0, 26),
    option_logprobs=st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
    text=st.text(),
    cluster=st.text(),
    unit=st.text(),
)


@given(st.lists(rows).map(tuple), st.floats(0, 1e6))
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

    old, here = run_file.read(path), replace(run(task()), tolerances={"b": 0.2})
    there = replace(run(task()), tolerances={"b": 0.3, "c": 0.5})
    both = run_file.merged([here, there])

    assert old.tolerance_of("b") == 1e-3
    assert (both.tolerance_of("b"), both.tolerance_of("c"), both.tolerance) == (0.2, 0.5, 0.5)
