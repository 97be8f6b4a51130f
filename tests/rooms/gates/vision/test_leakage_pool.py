import math

import pytest
from views import scored, vision_of

from pytest_mmbench.gates.vision.claims import ClaimVerdict, failure_levels, judge_leakage
from pytest_mmbench.gates.vision.leakage_pool import pooled_leakage, samples_for_leakage
from pytest_mmbench.gates.vision.measures import Contrast
from pytest_mmbench.records import Outcome


def leakage(path: str, samples: int, *, known: int, base: int) -> ClaimVerdict:
    """So many known without the picture, and by the base model."""
    counts = scored(samples, with_image=samples, without_image=known, llm_text=base)
    return judge_leakage(
        vision_of(counts, path), max_leakage="0.05", alpha=0.05, unparseable_limit=0.05
    )


SMALL = leakage("b.c.a", 40, known=11, base=10)


def pooled(*above: ClaimVerdict) -> ClaimVerdict:
    claims = {each.vision.dimension: each for each in (SMALL, *above)}
    return pooled_leakage("b.c.a", claims, "0.05", 0.05)


def test_few_samples_show_nothing() -> None:
    """One answer more than the base model, of forty, was a pass by what was measured."""
    assert SMALL.outcome is Outcome.INCONCLUSIVE
    assert pooled().outcome is Outcome.INCONCLUSIVE
    assert pooled().statement.endswith(
        "40 samples are too few, 638 are enough, and no dimension above has so many"
    )


def test_the_nearest_with_enough_samples_decides() -> None:
    """A capability of 120 has not enough, so that the whole speaks for its axis."""
    capability = leakage("b.c", 120, known=34, base=30)
    whole = leakage("b", 720, known=180, base=180)
    assert (capability.outcome, whole.outcome) == (Outcome.INCONCLUSIVE, Outcome.PASS)

    found = pooled(capability, whole)

    assert found.outcome is Outcome.PASS
    assert found.statement.endswith("40 samples are too few, 638 are enough: b decides (pass)")


def test_what_does_not_pass_above_does_not_pass_below() -> None:
    """One cause is told once: the axis is inconclusive where the whole fails."""
    found = pooled(leakage("b", 720, known=600, base=180))

    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.statement.endswith("b decides (fail)")


def test_a_clear_leak_of_few_samples_fails() -> None:
    """It needs nobody's samples."""
    leak = leakage("b.c.a", 40, known=38, base=10)
    whole = leakage("b", 720, known=180, base=180)

    found = pooled_leakage("b.c.a", {"b.c.a": leak, "b": whole}, "0.05", 0.05)
    assert found.outcome is Outcome.FAIL


@pytest.mark.parametrize(("limit", "needed"), [("0.05", 638), ("0.1", 169), ("0", math.inf)])
def test_the_samples_that_are_enough(limit: str, needed: float) -> None:
    """At a chance of one in four; where nothing may leak there are never enough."""
    contrast = SMALL.vision.leakage_contrast
    assert isinstance(contrast, Contrast)
    assert samples_for_leakage(contrast, limit, 0.05) == needed


def test_the_top_has_most_of_the_level() -> None:
    """Three quarters for the two tests of the root, and a quarter for those of two axes."""
    visions = [vision_of(scored(40, with_image=30, without_image=10), path) for path in "b"]
    visions += [
        vision_of(scored(40, with_image=30, without_image=10), path) for path in ("b.x", "b.y")
    ]

    found = failure_levels(visions, min_gain="0.05", max_leakage="0.05", alpha=0.05)

    assert {path: each.level for path, each in found.items()} == pytest.approx(
        {"b": 0.05 * 0.75 / 2, "b.x": 0.05 * 0.25 / 4, "b.y": 0.05 * 0.25 / 4}
    )
    assert str(found["b"]) == "level 0.019 (0.05 after Holm, 6 tests)"
