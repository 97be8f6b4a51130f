"""The committed text model is told apart from those that see, through the plugin itself."""

from pathlib import Path
from typing import Any

import pytest
from evaluators import evaluator_in_memory

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.evaluation.evaluator import ModelEvaluator

HOUSE = Path(__file__).parents[2]
TEXT_MODEL = "fixtures/models/tiny-llm"
TAKES_NONE = f"shows 1 at once, and {TEXT_MODEL} takes no picture"

pytestmark = [pytest.mark.torch]


@pytest.mark.slow  # torch is loaded
def test_a_text_model_is_not_asked_about_pictures(gate: Any) -> None:
    """Gated dimensions fail with the reason, others are skipped with it, and no answer is made."""
    result = gate.run(f"--mm-model={TEXT_MODEL}", "-k", "math", "-rs")

    assert result.code == 1
    problem = "shapes.math has a threshold and cannot be asked: shapes.math"
    remedy = 'take "shapes.math" out of [thresholds] in mmbench.toml'
    assert f"{problem} {TAKES_NONE}; {remedy}" in result.lines
    assert f"shapes.math.digits {TAKES_NONE}" in result.text
    assert "3 skipped" in result.text
    assert "1 error" in result.text
    assert "answers in" not in result.text


@pytest.mark.slow  # torch is loaded
def test_a_text_model_is_asked_without_pictures(gate: Any, tmp_path: Path) -> None:
    """Beside a model that sees, it says how much the words alone tell."""
    sees, text = "--mm-model=fixtures/models/tiny-vlm-1.0", f"--mm-base-llm={TEXT_MODEL}"
    # Eight samples decide nothing, which is a warning.
    small = ["--mm-condition=no-image", "--mm-limit=144", "-k", "test_vision and digits"]
    small += ["-W", "ignore"]
    result = gate.run(sees, text, *small, f"--mm-store={tmp_path}")

    assert result.code == 0
    assert "text model" in result.text
    # Eight with the picture, without, and as text.
    assert "24 answers in" in result.text


def evaluator_of(benchmark: Shapes) -> ModelEvaluator:
    """The text model, which is to be asked without pictures."""
    from pytest_mmbench.models.local import load  # noqa: PLC0415 - it loads torch

    return evaluator_in_memory(benchmark, load(str(HOUSE / TEXT_MODEL), device="cpu"))


def test_without_pictures_nothing_is_too_many() -> None:
    """The condition decides, and not the benchmark: the model answers, and needs no grey ones."""
    benchmark = Shapes(per_axis=1)
    evaluator, whole = evaluator_of(benchmark), benchmark.dimensions()[0]
    evaluator.plan("shapes", "no-image", whole.leaves)

    evaluator.evaluate("shapes", "no-image", whole.leaves)

    results = [each for rows in evaluator.results("shapes", "no-image").values() for each in rows]
    assert "takes no picture" in (evaluator.reason_not_askable(whole) or "")
    assert evaluator.condition_used("shapes", "no-image") == "no-image"
    assert len(results) == len(whole.leaves)
    assert all(len(each.option_logprobs) == 4 for each in results)
