"""The committed text model is told apart from those that see, through the plugin itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mmbench import conditions
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.evaluation.store.memory import MemoryStore
from pytest_mmbench.records import Answer, Method

HOUSE = Path(__file__).parents[2]
TEXT_MODEL = "fixtures/models/tiny-llm"
TAKES_NONE = f"shows 1 at once, and {TEXT_MODEL} takes no picture"

pytestmark = [pytest.mark.torch]


def run_gate(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the repository's own gate."""
    command = [sys.executable, "-m", "pytest", f"--mm-store={store}", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *arguments], cwd=HOUSE, capture_output=True, text=True, check=False
    )


@pytest.mark.slow  # a run of its own loads torch
def test_a_text_model_is_not_asked_about_pictures(tmp_path: Path) -> None:
    """Gated dimensions fail with the reason, others are skipped with it, and no answer is made."""
    result = run_gate(tmp_path, f"--mm-model={TEXT_MODEL}", "-k", "math", "-rs")

    assert result.returncode == 1
    problem = "shapes.math has a threshold and cannot be asked: shapes.math"
    assert f"{problem} {TAKES_NONE}" in result.stdout.splitlines()
    assert f"shapes.math.digits {TAKES_NONE}" in result.stdout
    assert "3 skipped" in result.stdout
    assert "1 error" in result.stdout
    assert "answers in" not in result.stdout


@pytest.mark.slow  # a run of its own loads torch
def test_a_text_model_is_asked_without_pictures(tmp_path: Path) -> None:
    """Beside a model that sees, it says how much the words alone tell."""
    sees, text = "--mm-model=fixtures/models/tiny-vlm-1.0", f"--mm-base-llm={TEXT_MODEL}"
    small = ("--mm-condition=no-image", "--mm-limit=144", "-k", "test_vision and digits")
    result = run_gate(tmp_path, sees, text, *small)

    assert result.returncode == 0
    assert "text model" in result.stdout
    assert "24 answers in" in result.stdout  # eight with the picture, without, and as text


def examined(benchmark: Shapes) -> tuple[ModelEvaluator, Task]:
    """The text model, which is to be asked without pictures."""
    from pytest_mmbench.models.local import load  # noqa: PLC0415 - it loads torch

    nodes = benchmark.dimensions()
    selected = BenchmarkSelection(
        benchmark=benchmark,
        method=Method.RANK,
        dimensions=nodes,
        ids={leaf: benchmark.ids(leaf) for leaf in nodes[0].leaves},
    )
    found: dict[str, Task] = {}

    def series(benchmark: str, condition: str, *, few_shot: bool = False) -> Task:
        ablation = conditions.condition(condition)
        return found.setdefault(condition, Task(selection=selected, applied=ablation, seed=0))

    examinee = ModelEvaluator(
        series=series,
        store=lambda _: MemoryStore(),
        since=0.0,
        batch_size=0,
        fresh=False,
        calibrate=False,
        skip_unreadable_pictures=False,
        locks=None,
        progress=lambda **_: None,
    )
    examinee.use(load(str(HOUSE / TEXT_MODEL), device="cpu"), given_by="the test")
    return examinee, series("shapes", "no-image")


def test_without_pictures_nothing_is_too_many() -> None:
    """The condition decides, and not the benchmark: the model answers, and needs no grey ones."""
    benchmark = Shapes(per_axis=1)
    examinee, blind = examined(benchmark)
    whole = benchmark.dimensions()[0]
    examinee.plan("shapes", "no-image", whole.leaves)
    seen = examinee._series("shapes", "image")
    answers: dict[str, Answer] = {}
    for leaf in whole.leaves:
        answers |= examinee.answers(blind, benchmark.ids(leaf))

    assert "takes no picture" in examinee.too_many_pictures(seen, whole)
    assert examinee.too_many_pictures(blind, whole) == ""
    assert examinee.task("shapes", "no-image") is blind
    assert len(answers) == len(whole.leaves)
    assert all(len(each.option_logprobs) == 4 for each in answers.values())
