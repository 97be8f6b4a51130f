from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial

from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.claims import (
    is_below_chance_margin,
    is_below_margin,
    reaches_chance_margin,
    reaches_margin,
)
from pytest_mmbench.gates.vision.measures import Contrast

QUARTER = Fraction(1, 4)


def contrast(*, both: int = 0, lost: int = 0, gained: int = 0, neither: int = 0) -> Contrast:
    pairs = Pairs(both_correct=both, regressed=lost, fixed=gained, both_wrong=neither)
    return Contrast(pairs=pairs, chance=QUARTER, open=0)


def tables(asked: int) -> Iterator[Contrast]:
    """Every way in which so many samples can fall into the four cells."""
    for both in range(asked + 1):
        for lost in range(asked + 1 - both):
            for gained in range(asked + 1 - both - lost):
                rest = asked - both - lost - gained
                yield contrast(both=both, lost=lost, gained=gained, neither=rest)


def cells(each: Contrast) -> list[int]:
    return [each.pairs.both_correct, each.pairs.regressed, each.pairs.fixed, each.pairs.both_wrong]


def worlds(margin: float) -> Iterator[list[float]]:
    """Probabilities of the four cells where the gain is exactly the margin."""
    for lost in (0.0, 0.02, 0.1, 0.3, 0.45):
        flips = 2 * lost + margin
        for share in (0.0, 0.3, 0.5, 0.9):
            yield [share * (1 - flips), lost, lost + margin, (1 - share) * (1 - flips)]


def error(asked: int, margin: str, *, passes: bool) -> float:
    """The largest probability of a decision that is only just wrong."""
    decide = reaches_margin if passes else is_below_margin
    decided = [cells(each) for each in tables(asked) if decide(each, Fraction(margin), 0.05)]
    if not decided:
        return 0.0
    return max(
        float(multinomial.pmf(decided, asked, world).sum()) for world in worlds(float(margin))
    )


@pytest.mark.parametrize("asked", [3, 4, 5, 8, 12, 20, 36])
@pytest.mark.parametrize("margin", ["0.02", "0.05", "0.1"])
def test_a_false_pass_keeps_to_its_level(asked: int, margin: str) -> None:
    """At a gain of just the margin, at most 7 of 100 pass by the level 0.05, whatever the size."""
    assert error(asked, margin, passes=True) <= 0.07


@pytest.mark.parametrize(
    ("asked", "most"), [(5, 0.11), (6, 0.11), (8, 0.11), (12, 0.08), (15, 0.08), (36, 0.08)]
)
@pytest.mark.parametrize("margin", ["0.02", "0.05", "0.1"])
def test_a_false_failure_keeps_near_its_level(asked: int, most: float, margin: str) -> None:
    """At a gain of just the margin and a level of 0.05, few fail even where samples are few."""
    assert error(asked, margin, passes=False) <= most


def test_the_bounds_alone_are_too_sure_of_themselves() -> None:
    """Three samples would pass in 12 of 100 cases, and 36 fail in 15: why tails are needed too."""
    margin = Fraction("0.05")
    passed = [cells(each) for each in tables(3) if each.bounds(0.05).low >= margin]
    failed = [cells(each) for each in tables(36) if each.bounds(0.05).high < margin]

    worst = max(multinomial.pmf(passed, 3, world).sum() for world in worlds(0.05))
    assert worst == pytest.approx(0.12, abs=0.01)
    worst = max(multinomial.pmf(failed, 36, world).sum() for world in worlds(0.05))
    assert worst == pytest.approx(0.15, abs=0.01)


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.integers(0, 60))
def test_nothing_is_both_enough_and_too_little(
    both: int, lost: int, gained: int, neither: int
) -> None:
    """Between the two decisions lies what cannot be told."""
    if not both + lost + gained + neither:
        return
    known, margin = contrast(both=both, lost=lost, gained=gained, neither=neither), Fraction("0.05")

    assert not (reaches_margin(known, margin, 0.05) and is_below_margin(known, margin, 0.05))
    above, short = reaches_chance_margin, is_below_chance_margin
    assert not (above(known, margin, 0.05) and short(known, margin, 0.05))


@given(st.integers(0, 40), st.integers(0, 8), st.integers(0, 30), st.integers(1, 40))
def test_one_gain_more_is_never_worse(both: int, lost: int, gained: int, neither: int) -> None:
    """A sample that was right in neither way, and is now right with it, takes nothing back."""
    margin = Fraction("0.05")
    before = contrast(both=both, lost=lost, gained=gained, neither=neither)
    after = contrast(both=both, lost=lost, gained=gained + 1, neither=neither - 1)

    assert reaches_margin(after, margin, 0.05) >= reaches_margin(before, margin, 0.05)
    too_little = is_below_margin
    assert too_little(after, margin, 0.05) <= too_little(before, margin, 0.05)


def test_the_sizes_at_the_defaults() -> None:
    """59 right in both ways fail where 0.05 is needed, 58 do not; 5 may pass, 4 never do."""
    margin = Fraction("0.05")

    assert is_below_margin(contrast(both=59), margin, 0.05)
    assert not is_below_margin(contrast(both=58), margin, 0.05)
    assert reaches_margin(contrast(gained=5), margin, 0.05)
    assert not any(reaches_margin(each, Fraction(0), 0.05) for each in tables(4))


def test_chance_is_judged_by_exact_tails() -> None:
    """The decisions about chance are those of a threshold at chance plus margin."""
    share = QUARTER + Fraction("0.05")
    least, most = (
        binomial.min_correct_significant(40, share, 0.05),
        binomial.max_correct_significant(40, share, 0.05),
    )

    for right in range(41):
        known = contrast(gained=right, neither=40 - right)
        assert reaches_chance_margin(known, Fraction("0.05"), 0.05) == (right >= least)
        assert is_below_chance_margin(known, Fraction("0.05"), 0.05) == (right <= most)
