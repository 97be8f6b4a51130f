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
from pytest_mmbench.records import Average, Dimension, Mark, Unit
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.rows import DimensionTree, SampleResult, TaskResults
from pytest_mmbench.results.run_file import SavedRun

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


def sheet(*leaves: str, condition: str = "image", **changes: Any) -> TaskResults:
    rows = {leaf: (row(f"{leaf[-1]}-1"), row(f"{leaf[-1]}-2", Mark.INCORRECT)) for leaf in leaves}
    plain = TaskResults(
        benchmark="b",
        condition=condition,
        condition_used=condition,
        few_shot=False,
        wording="b-1 rank",
        how="rank",
        rows=rows,
    )
    return replace(plain, **changes)


def run(*sheets: TaskResults) -> SavedRun:
    return SavedRun(
        model="old",
        fingerprint="f1",
        tolerance=1e-3,
        created="2026-11-24T06:00:00+00:00",
        facts={"dtype": "float32"},
        trees={"b": TREE},
        tasks=sheets,
    )


rows = st.builds(
    SampleResult,
    sample=st.text(),
    mark=st.sampled_from(Mark),
    chosen=st.text(max_size=3),
    target=st.text(max_size=3),
    options=st.integers(0, 26),
    worths=st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
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
    written = replace(run(sheet()), tolerance=tolerance)
    written = replace(written, tasks=(replace(sheet(), rows={"b.x": found}),))

    run_file.write(written, path)

    assert run_file.read(path) == written
    assert [each.name for each in path.parent.iterdir()] == ["run.json"]


def test_the_margin_follows_from_what_is_kept() -> None:
    """No infinity is written: an answer that was not weighed has no worths."""
    assert not math.isinf(row("s").option_logprobs[0])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not a saved run"),
        ("{}", "is not a saved run"),
        ('{"schema": 1, "model": 3}', "is not a saved run"),
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
    saved = run(sheet("b.x"), sheet("b.y", condition="no-image"))

    assert list(saved.results("b", "image")) == ["b.x"]
    assert list(saved.results("b", "no-image")) == ["b.y"]
    with pytest.raises(DataError, match=r"has no answers to b \(grey\)") as caught:
        saved.results("b", "grey")
    assert caught.value.facts["it has"] == "b (image), b (no-image)"


def test_baselines_have_names(tmp_path: Path) -> None:
    """A name wins over a path; a checkpoint is neither."""
    run_file.write(run(sheet("b.x")), tmp_path / "mm_baselines" / "released.json")
    run_file.write(run(sheet("b.x")), tmp_path / "other.json")

    assert baselines.find_run("released", tmp_path) == tmp_path / "mm_baselines" / "released.json"
    assert baselines.find_run("other.json", tmp_path) == tmp_path / "other.json"
    assert baselines.find_run(str(tmp_path / "other.json"), tmp_path) == tmp_path / "other.json"
    assert baselines.find_run("checkpoints/released", tmp_path) is None
    assert baselines.find_run("scripted:old.json", tmp_path) is None
    assert baselines.find_run("", tmp_path) is None


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the nearest name that is."""
    run_file.write(run(sheet("b.x")), tmp_path / "other.json")

    with pytest.raises(DataError) as caught:
        baselines.find_run("othr.json", tmp_path)

    assert caught.value.facts["did you mean"] == "'other.json'?"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"benchmark": "c"}, "the baseline old was not asked b."),
        ({"wording": "b-2 rank"}, "the baseline old was not asked the same b."),
        ({"how": "rank-mean"}, "the baseline old was not asked the same b."),
    ],
)
def test_only_like_is_compared_with_like(changes: dict[str, Any], problem: str) -> None:
    """Other data, wording, method or scoring is refused with both sides."""
    with pytest.raises(SettingsError) as caught:
        run_file.check_same(run(sheet("b.x", **changes)), [sheet()], asked_for_by="--mm-baseline")

    assert caught.value.problem == problem
    run_file.check_same(run(sheet("b.x")), [sheet()], asked_for_by="--mm-baseline")


def test_parts_make_a_whole() -> None:
    """What processes have scored of one run is put together leaf by leaf."""
    parts = [run(sheet("b.x")), run(sheet("b.y"), sheet("b.x", condition="grey"))]

    whole = run_file.merged(parts)

    assert list(whole.results("b", "image")) == ["b.x", "b.y"]
    assert list(whole.results("b", "grey")) == ["b.x"]


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    """Other programs can read it without this one."""
    run_file.write(run(sheet("b.x")), tmp_path / "run.json")

    found = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))

    assert (found["schema"], found["model"]) == (1, "old")
    assert found["sheets"][0]["rows"]["b.x"][0]["mark"] == "right"


def test_a_tolerance_belongs_to_its_benchmark(tmp_path: Path) -> None:
    """A file of an earlier version has one for all; parts of a run bring theirs together."""
    path = tmp_path / "run.json"
    run_file.write(run(sheet()), path)
    earlier = json.loads(path.read_text(encoding="utf-8"))
    del earlier["tolerances"]
    path.write_text(json.dumps(earlier), encoding="utf-8")

    old, here = run_file.read(path), replace(run(sheet()), tolerances={"b": 0.2})
    there = replace(run(sheet()), tolerances={"b": 0.3, "c": 0.5})
    both = run_file.merged([here, there])

    assert old.tolerance_of("b") == 1e-3
    assert (both.tolerance_of("b"), both.tolerance_of("c"), both.tolerance) == (0.2, 0.5, 0.5)
