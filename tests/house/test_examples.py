"""The programs on the pages do what these say."""

import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages import programs

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.protocols import Benchmark, Model
from pytest_mmbench.records import Method, Sample, Tally
from pytest_mmbench.testing import check_benchmark, check_model, samples

PROGRAMS = programs()


def program(first_line: str) -> dict[str, Any]:
    """What the program of that first line defines."""
    (text,) = [each for each in PROGRAMS if each.startswith(first_line)]
    names: dict[str, Any] = {"__builtins__": __builtins__}
    exec(compile(text, first_line, "exec"), names)  # noqa: S102 - it is the project's own
    return {name: value for name, value in names.items() if name != "__builtins__"}


def test_an_eleventh_benchmark(tmp_path: Path) -> None:
    """One file reads a benchmark of one's own, and keeps the contract."""
    rows = [
        {
            "id": str(at),
            "axis": axis,
            "question": "Which?",
            "options": ["this", "that"],
            "answer": "AB"[at % 2],
            "image": "1.png",
        }
        for at, axis in enumerate(("signs", "charts", "signs"))
    ]
    (tmp_path / "acme.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "1.png").write_bytes(b"\x89PNG")
    load: Callable[[dict[str, object]], Benchmark] = program("# acme_bench.py")["load"]

    benchmark = load({"data": str(tmp_path / "acme.json")})

    check_benchmark(benchmark)
    assert len(list(samples(benchmark))) == 3
    assert [node.path for node in benchmark.dimensions()] == [
        "acme",
        "acme.reading",
        "acme.reading.signs",
        "acme.reading.charts",
    ]


def test_a_model_of_ones_own() -> None:
    """The parrot keeps the contract of a model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parrot: Model = program("# conftest.py")["Parrot"]()

    check_model(parrot, Shapes(per_axis=1), method=Method.RANK)
    check_model(parrot, Shapes(per_axis=1), method=Method.GENERATE)


def test_a_condition_of_ones_own() -> None:
    """Every question is shouted, and nothing else is another."""
    shouted: Callable[..., list[Sample]] = program("# acme_conditions.py")["shouted"]
    leaf = [each for each in samples(Shapes(per_axis=1)) if each.dimension.endswith("counting")]

    changed = shouted(leaf, seed=0)

    assert [each.question for each in changed] == [each.question.upper() for each in leaf]
    assert [each.id for each in changed] == [each.id for each in leaf]


def test_a_test_of_ones_own() -> None:
    """It reads the score that the fixture has."""
    (above_chance,) = program("def test_every_axis_is_above_chance").values()
    tally = Tally(dimension="shapes.math", correct=3, total=10)

    with pytest.raises(AssertionError):
        above_chance(tally)
    above_chance(replace(tally, correct=4))


def test_a_reader_of_the_json_report(tmp_path: Path) -> None:
    """The schema is found where it is said to be, and the reasons of a failure are read."""
    schema = program("import json\nfrom importlib")["schema"]
    failed = program("import json\nfrom pathlib")["failed"]
    reasons = [{"dimension": "shapes", "outcome": "fail"}, {"dimension": "a", "outcome": "pass"}]
    (tmp_path / "report.json").write_text(json.dumps({"decision": {"reasons": reasons}}))

    assert schema["title"] == "pytest-mmbench report"
    assert failed(tmp_path / "report.json") == ["shapes"]
