"""The README's own programs do what it says."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rooms import HOUSE

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.protocols import Benchmark, Model
from pytest_mmbench.records import Method
from pytest_mmbench.testing import check_benchmark, check_model, samples

PROGRAMS = re.findall(r"```python\n(.*?)```", (HOUSE / "README.md").read_text("utf-8"), re.DOTALL)


def program(first_line: str) -> dict[str, Any]:
    """What the README's program of that first line defines."""
    (text,) = [each for each in PROGRAMS if each.startswith(first_line)]
    names: dict[str, Any] = {}
    exec(compile(text, first_line, "exec"), names)  # noqa: S102 - it is the project's own
    return names


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
