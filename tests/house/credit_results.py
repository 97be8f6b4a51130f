"""Results that earn what a test wants them to earn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import count

from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.records import Average, Dimension, Mark, Rule, Tally, Threshold
from pytest_mmbench.results.rows import DimensionTree, SampleResult, aggregate


def credit_result(sample: str, credit: Fraction | str, *, cluster: str = "") -> SampleResult:
    """A generated answer to an open question that earns so much."""
    credit = Fraction(credit)
    return SampleResult(
        sample=sample,
        mark=Mark.CORRECT if credit == 1 else Mark.INCORRECT,
        answer=f"worth {credit}",
        target="worth 1",
        options=0,
        text=f"worth {credit}",
        cluster=cluster,
        partial=credit if credit < 1 else Fraction(0),
    )


def credit_results(
    credits: Iterable[Fraction | str], *, name: str = "b", to_a_picture: int = 1
) -> list[SampleResult]:
    """Such answers one after another, so many of them about each picture."""
    pictures = (f"{name} p{at // to_a_picture}" if to_a_picture > 1 else "" for at in count())
    return [
        credit_result(f"{name} s{at}", credit, cluster=picture)
        for at, (credit, picture) in enumerate(zip(credits, pictures, strict=False))
    ]


def credit_tally(
    *leaves: Sequence[Fraction | str], average: Average = Average.MICRO, to_a_picture: int = 1
) -> Tally:
    """The tally of a node above leaves of these credits."""
    names = [f"b.{at}" for at in range(len(leaves))]
    root = Dimension(path="b", leaves=tuple(names), size=sum(map(len, leaves)), average=average)
    nodes = [
        Dimension(path=name, leaves=(name,), size=len(credits))
        for name, credits in zip(names, leaves, strict=True)
    ]
    rows = {
        name: tuple(credit_results(credits, name=name, to_a_picture=to_a_picture))
        for name, credits in zip(names, leaves, strict=True)
    }
    return aggregate(root, DimensionTree(nodes=(root, *nodes), views={}), rows)


def credit_verdict(
    tally: Tally, at_least: str, rule: Rule = Rule.POINT, *, alpha: float = 0.05
) -> CapabilityVerdict:
    """What the capability gate says of it."""
    (verdict,) = judge_capability(
        [tally],
        {tally.dimension: Threshold(at_least=at_least, rule=rule)},
        alpha=alpha,
        unparseable_limit=0.05,
    )
    return verdict
