from dataclasses import replace
from typing import NoReturn

import pytest
from evaluators import evaluator_in_memory

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.models.scripted import ScriptedModel
from pytest_mmbench.records import Picture, Sample
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE

FIRST, SECOND = "shapes.math.digits", "shapes.math.addition"


class RequiresPicture(ScriptedModel):
    """A model that cannot be asked without a picture."""

    needs_picture = True


class Torn(Shapes):
    """One picture of it cannot be read."""

    def sample(self, id: str) -> Sample:
        sample = super().sample(id)
        if id != "digits-0001":
            return sample
        return replace(sample, pictures=(Picture(name="torn", read=tear),))


def tear() -> NoReturn:
    raise DataError("picture 7 is torn.")


def evaluator(
    benchmark: Shapes, model: ScriptedModel | None = None, *, skip: bool = False
) -> ModelEvaluator:
    """One that will ask two leaves, with pictures, without, and with those of others."""
    made = evaluator_in_memory(benchmark, model or ScriptedModel({}), skip=skip)
    for condition in (IMAGE, NO_IMAGE, "mismatched"):
        made.plan("shapes", condition, [FIRST, SECOND])
    return made


def test_results_are_those_of_the_leaves_that_were_evaluated() -> None:
    """Looking results up asks nothing; what is planned besides is asked in the same batch."""
    made = evaluator(Shapes(per_axis=2))

    assert made.results("shapes", IMAGE) == {}
    assert made.stats.new == 0
    made.evaluate("shapes", IMAGE, [FIRST])

    assert list(made.results("shapes", IMAGE)) == [FIRST]
    assert [each.sample for each in made.results("shapes", IMAGE)[FIRST]] == [
        "digits-0000",
        "digits-0001",
    ]
    assert made.results("shapes", NO_IMAGE) == {}
    assert made.stats.new == 2 * 2 * 3


def test_what_was_evaluated_is_not_asked_again() -> None:
    """Nor scored again."""
    made = evaluator(Shapes(per_axis=2))
    made.evaluate("shapes", IMAGE, [FIRST])
    results, stats = made.results("shapes", IMAGE)[FIRST], made.stats

    made.evaluate("shapes", IMAGE, [FIRST])

    assert made.results("shapes", IMAGE)[FIRST] is results
    assert made.stats == stats


def test_a_condition_that_cannot_be_made_leaves_no_results() -> None:
    """A leaf of one picture has no other one to show: nothing is wrong with it."""
    made = evaluator(Shapes(per_axis=1))

    made.evaluate("shapes", "mismatched", [FIRST])

    assert made.results("shapes", "mismatched") == {}


@pytest.mark.parametrize("condition", [IMAGE, "mismatched"])
def test_a_picture_that_cannot_be_read_is_an_error(condition: str) -> None:
    """Under whatever condition: a list of what is known under every one rests on all of them."""
    made = evaluator(Torn(per_axis=2))

    with pytest.raises(DataError, match="picture 7 is torn"):
        made.evaluate("shapes", condition, [FIRST])


def test_samples_of_unreadable_pictures_are_left_out_if_they_may() -> None:
    """And told, with the reason, beside the results."""
    made = evaluator(Torn(per_axis=2), skip=True)

    made.evaluate("shapes", IMAGE, [FIRST, SECOND])

    published, *_ = made.task_results()
    assert [each.sample for each in published.rows[FIRST]] == ["digits-0000"]
    assert published.left_out == {"digits-0001": "picture 7 is torn"}


def test_a_model_that_requires_a_picture_is_shown_a_grey_one() -> None:
    """The results say which condition was wanted, and which was used."""
    made = evaluator(Shapes(per_axis=2), RequiresPicture({}))

    made.evaluate("shapes", NO_IMAGE, [FIRST])

    _, blind, _ = made.task_results()
    assert made.condition_used("shapes", NO_IMAGE) == "grey"
    assert (blind.condition, blind.spec.condition_used) == (NO_IMAGE, "grey")
    assert list(blind.rows) == [FIRST]


def test_a_second_model_is_refused() -> None:
    """What it should have answered would be judged by the answers of the first."""
    made = evaluator(Shapes(per_axis=1))

    made.use(ScriptedModel({}), given_by="mm_model")

    with pytest.raises(CheckpointError, match="mm_model gave two models in one run"):
        made.use(ScriptedModel({}, otherwise="B"), given_by="mm_model")


def test_without_a_model_nothing_is_asked() -> None:
    """The error says what gives one."""
    made = evaluator(Shapes(per_axis=1))
    made._model = None

    assert not made.loaded
    assert made.task_results() == []
    with pytest.raises(CheckpointError, match="no model was loaded"):
        made.evaluate("shapes", IMAGE, [FIRST])
