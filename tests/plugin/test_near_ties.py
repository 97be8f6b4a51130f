"""Near ties that fall to one side: a fall that the tolerance would hide fails all the same."""

import json
from typing import Any

import pytest

SHIFTED = """
    import random

    import pytest
    from pytest_mmbench.benchmarks.shapes import Shapes
    from pytest_mmbench.records import Answer, OptionLogprob

    SHIFT, TOKENS = PLACE_SHIFT, PLACE_TOKENS
    SHAPES = Shapes(per_axis=40)
    SAMPLES = [
        SHAPES.sample(id) for leaf in SHAPES.dimensions()[0].leaves for id in SHAPES.ids(leaf)
    ]
    RIGHT = {each.id: each.options[ord(each.target) - ord("A")] for each in SAMPLES}


    class Shifted:
        '''The right option of every sample is a little less likely than it was; no other is.'''

        batch_size, dtype = 64, "bfloat16"

        def __init__(self, name, shift):
            self.name = self.fingerprint = name
            self._shift = shift

        def rank(self, requests):
            return [self._answer(request) for request in requests]

        def _answer(self, request):
            dice = random.Random(request.sample)
            found = []
            for option in request.options:
                nats = dice.gauss(-9, 1)
                if option == RIGHT[request.sample]:
                    nats += 1.6 - self._shift
                found.append(OptionLogprob(logprob=TOKENS * nats, tokens=TOKENS))
            return Answer(sample=request.sample, option_logprobs=tuple(found))

        def generate(self, requests):
            raise NotImplementedError


    @pytest.fixture(scope="session")
    def mm_model(request):
        name = request.config.getoption("--mm-model")
        return Shifted(name, SHIFT if name == "new" else 0)


    @pytest.fixture(scope="session")
    def mm_baseline():
        return Shifted("old", 0)
"""


def compared(
    project: Any, *args: str, shift: float, tokens: int = 1, settings: str = ""
) -> tuple[int, dict[str, Any]]:
    """The exit code and the verdict on the whole, of a model that fell by so many nats."""
    project.file("mmbench.toml", f"[benchmarks.shapes]\nper-axis = 40\n{settings}")
    script = SHIFTED.replace("PLACE_SHIFT", str(shift)).replace("PLACE_TOKENS", str(tokens))
    project.write(conftest=script)
    baseline = () if any("baseline" in arg for arg in args) else ("--mm-baseline=old",)
    result = project.run(
        "--mm-model=new", *baseline, "-k", "test_regression", "--mm-json=r.json", *args
    )
    report = json.loads((project.path / "r.json").read_text(encoding="utf-8"))
    return result.ret, report["regression"][0]


ASSUMED = '[regression]\ntolerance = "assumed"\n'


@pytest.mark.parametrize("settings", ["", "[regression]\ntolerance = 0.5\n", ASSUMED])
def test_right_options_that_lost_a_third_of_a_nat_fail(project: Any, settings: str) -> None:
    """Measured, they are no near ties; and where a wide tolerance says so, they are lopsided."""
    code, whole = compared(project, shift=0.3, settings=settings)

    assert (code, whole["outcome"], whole["fixed"]) == (1, "fail", 0)
    assert whole["regressed"] > 40
    assert whole["near_ties_biased"] == bool(settings)
    assert ("which rounding does not explain" in whole["explanation"]) == bool(settings)


@pytest.mark.parametrize("settings", ["", ASSUMED])
def test_a_tenth_of_a_nat_per_token_does_not_hide_a_fall(project: Any, settings: str) -> None:
    """By `rank-mean` margins are small, and the tolerance is no wider than they are."""
    method = 'method = "rank-mean"\n'

    code, whole = compared(project, shift=0.25, tokens=8, settings=method + settings)

    assert (code, whole["outcome"]) == (1, "fail")
    assert whole["candidate"] < whole["baseline"] - 0.05


def test_a_saved_run_that_was_not_measured_hides_nothing(project: Any) -> None:
    """The noise of the candidate holds for a baseline of the same dtype."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n")
    script = SHIFTED.replace("PLACE_SHIFT", "0.3").replace("PLACE_TOKENS", "1")
    project.write(conftest=script)
    assert project.run("--mm-model=old").ret == 0
    (project.path / "mm_baselines").mkdir()
    (project.path / ".mmbench" / "last-run.json").rename(project.path / "mm_baselines" / "a.json")

    code, whole = compared(project, "--mm-baseline=a", shift=0.3)

    assert (code, whole["outcome"], whole["near_ties"]) == (1, "fail", 0)


def test_equal_models_pass(project: Any) -> None:
    """Two names for the same answers: nothing changed."""
    code, whole = compared(project, shift=0)

    assert (code, whole["outcome"], whole["finding"]) == (
        0,
        "pass",
        "not worse by more than the margin",
    )
