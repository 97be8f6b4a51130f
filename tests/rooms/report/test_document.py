from dataclasses import replace
from fractions import Fraction

from reports import candidate, score, small_report

from pytest_mmbench.gates import capability
from pytest_mmbench.records import Role, Stratum, Tally, Threshold


def test_a_score_needs_no_arithmetic() -> None:
    """Where parts have weights, the accuracy is their mean and no share of counts."""
    halves = [(Fraction(1, 2), 9, 10), (Fraction(1, 2), 10, 100)]
    strata = tuple(
        Stratum(weight=weight, credits={Fraction(1): credit, Fraction(0): units - credit})
        for weight, credit, units in halves
    )
    tally = Tally(dimension="a.b", correct=19, total=110, unparseable=2, strata=strata, scale=200)
    (verdict,) = capability.judge_capability(
        [tally], {"a.b": Threshold(at_least="0.4")}, alpha=0.05, unparseable_limit=0.05
    )

    (only,) = candidate(verdict).scores

    assert only.accuracy == 0.5
    assert (only.correct, only.total, only.unparseable, only.scale) == (19, 110, 2, 200)


def test_the_candidate_is_the_first_model() -> None:
    """Whatever stands beside it."""
    models = (candidate(score("a", 1, 2)), candidate(name="old", role=Role.BASELINE))

    assert small_report(models=models).candidate.name == "new"


def test_the_commands_that_repeat_a_run() -> None:
    """The commit that it stood at, if it is known, and the command line."""
    run = small_report().run

    assert run.reproduce == ("pytest --mm-model=x",)
    assert replace(run, commit="5d41").reproduce == ("git checkout 5d41", "pytest --mm-model=x")
