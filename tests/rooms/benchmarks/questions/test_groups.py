"""Questions that are only right together, as views beside the capabilities."""

from pathlib import Path
from typing import Any

import pytest
from question_files import choices, load, write_jsonl

from pytest_mmbench.benchmarks.wrappers import FilteredBenchmark
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.evaluation.limit import limited_ids
from pytest_mmbench.protocols import Benchmark, view_units
from pytest_mmbench.records import Unit
from pytest_mmbench.testing import check_benchmark

GROUPS = {"figure": "figure", "question": ["set", "number"]}


def benchmark(folder: Path, groups: object, **changed: object) -> Benchmark:
    """Six questions: two about each figure, in three wordings."""
    rows: list[dict[str, Any]] = [
        {
            "id": f"q{at}",
            "question": "Is it?",
            "target": ["yes", "no"][at % 2],
            "figure": f"f{at // 2}",
            "set": 1,
            "number": at % 3,
            **(changed if at == 5 else {}),
        }
        for at in range(6)
    ]
    path = write_jsonl(folder, rows)
    return load(path, answer="yes-no", columns={"pictures": []}, groups=groups)


def test_each_group_is_a_view(tmp_path: Path) -> None:
    """Samples stay where they are, and each view has units of its own."""
    grouped = benchmark(tmp_path, GROUPS)

    check_benchmark(grouped)
    root, figure, question = grouped.dimensions()
    assert (root.path, root.unit, root.leaves) == ("acme", Unit.SAMPLE, ("acme",))
    assert [node.path for node in (figure, question)] == [
        "acme.all-of-figure",
        "acme.all-of-question",
    ]
    assert {node.unit for node in (figure, question)} == {Unit.ALL_CORRECT}
    units = view_units(grouped)
    assert [*units["acme.all-of-figure"].values()] == ["f0", "f0", "f1", "f1", "f2", "f2"]
    assert units["acme.all-of-question"]["q4"] == "1 1"


def test_groups_are_part_of_the_revision(tmp_path: Path) -> None:
    """Another group is another benchmark; without any it is the one that it was."""
    revisions = {benchmark(tmp_path, each).revision for each in ({}, GROUPS, {"figure": "figure"})}

    assert len(revisions) == 3
    assert benchmark(tmp_path, {}).revision in revisions


def test_a_limit_leaves_whole_groups(tmp_path: Path) -> None:
    """Those of the first view are drawn whole; a group that is asked in part does not count."""
    grouped = benchmark(tmp_path, GROUPS)

    ids = limited_ids(grouped, grouped.dimensions(), limit=2, seed=1)

    drawn = set(ids["acme"])
    assert len(drawn) == 4
    assert len(ids["acme.all-of-figure"]) == 4
    for view, units in view_units(grouped).items():
        broken = {units[id] for id in units.keys() - drawn}
        assert {units[id] for id in ids[view]} == {*units.values()} - broken


def test_what_is_left_out_is_no_part_of_a_group(tmp_path: Path) -> None:
    """An exclusion leaves the rest of a group."""
    filtered = FilteredBenchmark(benchmark(tmp_path, GROUPS), ["q0"])

    check_benchmark(filtered)
    assert view_units(filtered)["acme.all-of-figure"]["q1"] == "f0"
    assert filtered.ids("acme.all-of-figure") == ["q1", "q2", "q3", "q4", "q5"]


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ("figure", "groups is a table"),
        ({"figure": "figur"}, "no column 'figur' for the figure"),
        ({"figure": []}, "is not a column, or a list of columns"),
        ({"figure": 3}, "is not a column, or a list of columns"),
        ({"A b": "figure"}, "cannot be part of a dimension"),
    ],
)
def test_groups_that_are_none(tmp_path: Path, groups: object, problem: str) -> None:
    """Each is named; a column that is missing with the nearest one."""
    with pytest.raises(SettingsError, match=problem):
        benchmark(tmp_path, groups)


def test_a_label_that_is_missing(tmp_path: Path) -> None:
    """The row is bad: nobody knows what it counts together with."""
    with pytest.raises(DataError, match="figure is empty"):
        benchmark(tmp_path, GROUPS, figure="")


def test_choices_in_groups(tmp_path: Path) -> None:
    """Any type of answer may have groups."""
    path = write_jsonl(tmp_path, [{**row, "pair": at // 2} for at, row in enumerate(choices(4))])

    grouped = load(path, columns={"pictures": []}, groups={"pair": "pair"})

    check_benchmark(grouped)
    assert grouped.dimensions()[-1].path == "acme.all-of-pair"
