"""Verdicts on what the picture adds, and on what was learned without it.

Both claims are about scores raised to chance, so that a refusal is neither gain nor leakage. A
score exceeds the higher of two others by a margin if and only if it exceeds both; so a gate tests
both, each at the whole level, and takes it for shown when both are shown (R. L. Berger,
"Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982).

A pass is not corrected for the number of dimensions, as a release passes if all of them do. Failing
is: all tests that could fail any dimension of a benchmark are one family, and Holm's procedure
gives them a level, so that a model whose pictures help everywhere is rarely stopped.

Newcombe's bounds alone are too sure of themselves in small samples. Where the gain is just the
margin of 0.05, three samples would pass in 12 of 100 cases, and 36 would fail in 15, most of them
because no answer changed. So each decision also needs an exact binomial tail. With both, errors
stay near their level at every size: counted over all outcomes of 3 to 50 samples, for margins up to
0.1 and the level 0.05, a false pass has a probability of at most 0.07; a false failure one of at
most 0.11 from 5 samples on, and 0.08 from 12 on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Final

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.decimals import allowed, format_beside_limit, format_decimal
from pytest_mmbench.gates.stats import binomial, gaffke
from pytest_mmbench.gates.stats.step_down import LevelTest, weighted_holm
from pytest_mmbench.gates.vision.measures import Contrast, NotMeasured, Vision
from pytest_mmbench.gates.vision.outcomes import View
from pytest_mmbench.records import Outcome

MIN_PICTURES: Final = 20
"""Where pictures are shared, fewer of them bear no bounds, and nothing is significant."""
MIN_SAMPLES_FOR_SHARE: Final = 30
"""Samples below which a vision share fails nothing: one of them may move it by more than 0.03."""
TOP_SHARE: Final = 0.75
"""Share of the level of a family that goes to the dimensions that contain the others."""
MAX_SAMPLES_NEEDED: Final = 2000
"""Samples up to which a sentence says how many would have been enough."""
_ANSWERS: Final[Mapping[View, str]] = MappingProxyType(
    {
        View.WITH_IMAGE: "answers with the picture",
        View.WITHOUT_IMAGE: "answers without the picture",
        View.MISMATCHED: "answers with another picture",
        View.LLM_TEXT: "answers of the base model",
    }
)


class VisionClaim(StrEnum):
    """What is judged."""

    GAIN = "gain"
    LEAKAGE = "leakage"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """What a gate says of one claim about one dimension, and why."""

    vision: Vision
    claim: VisionClaim
    outcome: Outcome
    statement: str
    """One sentence with the numbers that decided."""
    blind_counts: str = ""
    """What is known without the picture, the same for both claims; empty if nothing was judged."""

    @property
    def explanation(self) -> str:
        """The statement with the counts."""
        return explanation([self])


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLevel:
    """What the tests that can fail one dimension are compared with."""

    alpha: float
    """Probability that any dimension of the family fails falsely, at most."""
    level: float
    """The share of it that Holm's procedure gives to each test of this dimension."""
    tests: int
    """Those of the whole family."""

    def __str__(self) -> str:
        return f"level {self.level:.2g} ({self.alpha:g} after Holm, {self.tests} tests)"


def failure_levels(
    visions: Sequence[Vision], *, min_gain: str, max_leakage: str, alpha: float
) -> dict[str, FailureLevel]:
    """The levels of dimensions that are judged together, as one family of tests.

    Each has two tests of its gain, and one of its leakage if a base LLM was asked. Dimensions that
    none of the others contains, as a rule the root, share `TOP_SHARE` of `alpha`: a model that does
    not look is to be seen where the samples are. The rest have the rest.
    """
    gain, leakage = Fraction(min_gain), Fraction(max_leakage)
    paths = {vision.dimension for vision in visions}
    tests: dict[str, list[Callable[[float], bool]]] = {}
    for vision in visions:
        contrast = vision.gain_contrast
        tests[vision.dimension] = [
            partial(is_below_margin, contrast, gain),
            partial(is_below_chance_margin, contrast, gain),
        ]
        if isinstance(vision.leakage_contrast, Contrast):
            tests[vision.dimension].append(partial(is_leaking, vision.leakage_contrast, leakage))
    tops = {path for path in paths if not any(path.startswith(f"{above}.") for above in paths)}
    counts = Counter(path in tops for path, own in tests.items() for _ in own)
    share = TOP_SHARE if counts[False] else 1.0
    weights = {True: share / counts[True], False: (1 - share) / max(1, counts[False])}
    family = [
        LevelTest(weight=weights[path in tops], rejects=test)
        for path, own in tests.items()
        for test in own
    ]
    level = weighted_holm(family, alpha)
    return {
        path: FailureLevel(
            # Where all the others have failed, the last one gets the whole.
            alpha=alpha,
            level=min(alpha, weights[path in tops] * level),
            tests=len(family),
        )
        for path in paths
    }


def explanation(verdicts: Sequence[ClaimVerdict]) -> str:
    """Their sentences, and behind them, once, what is known without the picture."""
    counts = dict.fromkeys(each.blind_counts for each in verdicts if each.blind_counts)
    return "; ".join([*(each.statement for each in verdicts), *counts])


def judge_gain(
    vision: Vision,
    *,
    min_gain: str,
    min_share: str = "0",
    alpha: float,
    unparseable_limit: float,
    failure: FailureLevel | None = None,
) -> ClaimVerdict:
    """Whether the picture adds at least `min_gain` to what is known without it, and to chance.

    1. A sample was not asked without its picture, or more answers are unparseable than
       `unparseable_limit` (a fraction) with or without it: invalid.
    2. Passes if both gains significantly reach `min_gain`, at the level `alpha`; fails if either is
       significantly below, at the level of `failure`, which is `alpha` for one test alone; and is
       else inconclusive.
    3. What would pass fails if its vision share, as measured, is below `min_share`; with fewer than
       `MIN_SAMPLES_FOR_SHARE` samples it is inconclusive.

    There is no least number of samples. If all are correct in both ways and 0.05 is required, 59
    fail and 58 are inconclusive, because so few may hide a gain; fewer than 5 can never pass.
    Samples that share a picture are one observation. Each counts the same, whatever the benchmark's
    own aggregate is. Both fractions are given as they were written.
    """
    min_gain, min_share = capability.threshold_text(min_gain), capability.threshold_text(min_share)
    rules = _GainRules(
        min_gain=Fraction(min_gain),
        min_share=Fraction(min_share),
        alpha=alpha,
        level=failure.level if failure else alpha,
    )
    contrast = vision.gain_contrast
    flaw = _flaw(vision, contrast, View.WITH_IMAGE, View.WITHOUT_IMAGE, unparseable_limit)
    if flaw:
        return ClaimVerdict(
            vision=vision, claim=VisionClaim.GAIN, outcome=Outcome.INVALID, statement=flaw
        )
    outcome, head = _judge_gain(contrast, rules)
    facts = [
        f"gain {format_beside_limit(contrast.difference, rules.min_gain)}",
        _bounds(contrast, alpha, rules.min_gain),
    ]
    if contrast.before < contrast.chance:
        facts.append(f"{format_decimal(contrast.after - contrast.chance)} over chance")
    share = f" and a vision share of {min_share}" if rules.min_share else ""
    statement = (
        f"{vision.dimension}: {head}: {format_decimal(contrast.after)} with it,"
        f" {format_decimal(contrast.before)} without ({', '.join(facts)};"
        f" at least {min_gain}{share} required)"
    )
    if outcome is Outcome.INCONCLUSIVE:
        statement += "".join(_what_decides(contrast, lambda more: _judge_gain(more, rules)[0]))
        if failure and is_below_margin(contrast, rules.min_gain, alpha):
            statement += f"; failing takes {failure}"
    return ClaimVerdict(
        vision=vision,
        claim=VisionClaim.GAIN,
        outcome=outcome,
        statement=statement,
        blind_counts=_blind_counts(contrast.correct_before, contrast),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _GainRules:
    """What the picture has to add."""

    min_gain: Fraction
    min_share: Fraction
    alpha: float
    """The level of passing."""
    level: float
    """That of failing."""


def _what_decides(contrast: Contrast, judge: Callable[[Contrast], Outcome]) -> Iterator[str]:
    """How many times the samples would decide what is inconclusive, if some few times do."""
    for times in range(2, MAX_SAMPLES_NEEDED // contrast.total + 1):
        clearer = judge(contrast.times(times))
        if clearer is not Outcome.INCONCLUSIVE:
            yield f"; {times} times as many alike would {clearer}"
            return


def _judge_gain(contrast: Contrast, rules: _GainRules) -> tuple[Outcome, str]:
    if is_below_chance_margin(contrast, rules.min_gain, rules.level):
        return Outcome.FAIL, "answers with the picture are close to guesses"
    if is_below_margin(contrast, rules.min_gain, rules.level):
        return Outcome.FAIL, "answers do not need the picture"
    gains = reaches_margin(contrast, rules.min_gain, rules.alpha)
    if not gains or not reaches_chance_margin(contrast, rules.min_gain, rules.alpha):
        return Outcome.INCONCLUSIVE, "picture gain not established"
    share = (contrast.after - contrast.above_chance_before) / (contrast.after - contrast.chance)
    if share >= rules.min_share:
        return Outcome.PASS, "the picture helps"
    enough = contrast.total >= MIN_SAMPLES_FOR_SHARE
    outcome = Outcome.FAIL if enough else Outcome.INCONCLUSIVE
    return outcome, f"the picture adds too little, a vision share of {float(share):.3f}"


def judge_leakage(
    vision: Vision,
    *,
    max_leakage: str,
    alpha: float,
    unparseable_limit: float,
    failure: FailureLevel | None = None,
) -> ClaimVerdict:
    """Whether the model knows more than `max_leakage` above its base LLM, and above chance.

    1. The base LLM was not asked, or not about every sample: invalid, as a leakage that nobody
       measured is not 0. So it is with more unparseable answers than `unparseable_limit` (a
       fraction) of the model without the picture, or of its base LLM.
    2. Passes if the leakage between scores raised to chance is significantly less than
       `max_leakage`; fails if it is significantly more, at the level of `failure`; else is
       inconclusive. `leakage_pool.samples_for_leakage` says how many samples that takes.

    Leakage is small if the model knows little more than its base LLM, or little more than guessing.
    Passing by either is a pass, so that each gets half of `alpha`; failing needs both. The
    difference that is tested has a sign: cut at 0, as MMStar's is, it would be 0.01 on average in
    250 samples where nothing leaked. `max_leakage` is a fraction, as it was written.
    """
    max_leakage = capability.threshold_text(max_leakage)
    contrast, limit = vision.leakage_contrast, Fraction(max_leakage)
    if isinstance(contrast, NotMeasured):
        flaw = (
            f"{vision.dimension} cannot be judged: no base model was asked, so that its leakage is"
            " unknown"
        )
    else:
        flaw = _flaw(vision, contrast, View.WITHOUT_IMAGE, View.LLM_TEXT, unparseable_limit)
    if flaw or isinstance(contrast, NotMeasured):
        return ClaimVerdict(
            vision=vision, claim=VisionClaim.LEAKAGE, outcome=Outcome.INVALID, statement=flaw
        )
    above_chance = contrast.above_chance_after - contrast.above_chance_before
    outcome = _judge_leakage(contrast, limit, alpha, failure.level if failure else alpha)
    head = _LEAKAGE_HEADS[outcome]
    facts = [
        f"leakage {format_beside_limit(contrast.difference, limit, above=True)}",
        _bounds(contrast, alpha, limit),
    ]
    if above_chance != contrast.difference:
        facts.append(f"{format_decimal(above_chance)} over chance")
    statement = (
        f"{vision.dimension}: {head}: {format_decimal(contrast.after)} without the picture,"
        f" {format_decimal(contrast.before)} by the base model ({', '.join(facts)}; at most"
        f" {max_leakage} allowed)"
    )
    if outcome is Outcome.INCONCLUSIVE:
        level = failure.level if failure else alpha
        statement += "".join(
            _what_decides(contrast, lambda more: _judge_leakage(more, limit, alpha, level))
        )
        if failure and is_leaking(contrast, limit, alpha):
            statement += f"; failing takes {failure}"
    return ClaimVerdict(
        vision=vision,
        claim=VisionClaim.LEAKAGE,
        outcome=outcome,
        statement=statement,
        blind_counts=_blind_counts(contrast.correct_after, contrast),
    )


_LEAKAGE_HEADS: Final = {
    Outcome.PASS: "little leaked",
    Outcome.FAIL: "answers leaked",
    Outcome.INCONCLUSIVE: "leakage not established",
}


def _judge_leakage(contrast: Contrast, limit: Fraction, alpha: float, level: float) -> Outcome:
    if is_leaking(contrast, limit, level):
        return Outcome.FAIL
    half = alpha / 2
    is_little = is_below_margin(contrast, limit, half)
    is_little = is_little or is_below_chance_margin(contrast, limit, half)
    return Outcome.PASS if is_little else Outcome.INCONCLUSIVE


def _flaw(vision: Vision, contrast: Contrast, first: View, second: View, limit: float) -> str:
    """What forbids a verdict: samples that were not asked, or unparseable answers; else empty."""
    counts = {each.view: each for each in vision.unparseable if each.view in (first, second)}
    total = counts[first].total
    if contrast.total < total:
        # A verdict on some of the samples could pass by leaving out others.
        return (
            f"{vision.dimension} cannot be judged: of {total} samples only {contrast.total} have"
            f" {_ANSWERS[second]}, parseable or not"
        )
    exact = Fraction(str(limit))
    sentences = [
        f"{float(each.answers):g} of {each.total} {_ANSWERS[view]} are unparseable, "
        + allowed(exact, each.total)
        for view, each in counts.items()
        if each.answers > exact * each.total
    ]
    return f"{vision.dimension} cannot be judged: {'; '.join(sentences)}" if sentences else ""


def _bounds(contrast: Contrast, alpha: float, limit: Fraction) -> str:
    bounds = contrast.bounds(alpha)
    low, high = (format_beside_limit(bound, limit) for bound in (bounds.low, bounds.high))
    pictures = f" from {len(contrast.clusters)} pictures" if contrast.clusters else ""
    return f"{100 * (1 - 2 * alpha):g}% {low} to {high}{pictures}"


def _blind_counts(correct: int, contrast: Contrast) -> str:
    """What is known without the picture, beside the chance of guessing."""
    if contrast.open == contrast.total:
        chance = "chance 0 (open questions)"
    else:
        aside = f" ({contrast.open} open questions count 0)" if contrast.open else ""
        chance = f"chance {float(contrast.chance):.3g}{aside}"
    correctly = "right in full" if contrast.credits else "correct"
    return f"{correct} of {contrast.total} {correctly} without the picture, {chance}"


def reaches_margin(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the difference is significantly at least `margin`, both tests at the level `alpha`.

    The lower bound reaches the margin, and fixed samples outnumber regressed ones by the exact sign
    test: if there were no difference, every flip would be one or the other by a fair coin.
    """
    significant = contrast.p_value(exact=True) <= alpha and contrast.bounds(alpha).low >= margin
    return significant and _has_enough_pictures(contrast)


def is_below_margin(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the difference is significantly less than `margin`, both tests at the level `alpha`.

    The upper bound is below the margin, and so few fixed samples are rare for a binomial whose
    share is the margin more than that of the regressed ones. If none regressed, this is exact. The
    bound of credits needs no such check.
    """
    if contrast.bounds(alpha).high >= margin or not _has_enough_pictures(contrast):
        return False
    if contrast.credits:
        return True
    pairs = contrast.pairs
    share = min(Fraction(1), margin + Fraction(pairs.regressed, pairs.total))
    return _is_rare(Fraction(pairs.fixed, pairs.total), share, contrast, alpha)


def is_leaking(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the later accuracy is significantly `margin` above the earlier and above chance."""
    return reaches_margin(contrast, margin, alpha) and reaches_chance_margin(
        contrast, margin, alpha
    )


def reaches_chance_margin(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the later accuracy is significantly `margin` above chance, by an exact tail."""
    share = min(Fraction(1), contrast.chance + margin)
    if contrast.credits:
        return gaffke.p_above(contrast.credits.shares_after, share) <= alpha
    return _is_rare(1 - contrast.after, 1 - share, contrast, alpha)


def is_below_chance_margin(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the later accuracy is significantly less than `margin` above chance, likewise."""
    share = min(Fraction(1), contrast.chance + margin)
    if contrast.credits:
        return gaffke.p_below(contrast.credits.shares_after, share) <= alpha
    return _is_rare(contrast.after, share, contrast, alpha)


def _is_rare(observed: Fraction, share: Fraction, contrast: Contrast, alpha: float) -> bool:
    """Whether so small a part of the samples, or of the effective ones, is rare for a binomial."""
    total = contrast.effective
    return binomial.lower_tail(math.ceil(observed * total), total, share) <= alpha


def _has_enough_pictures(contrast: Contrast) -> bool:
    return not contrast.clusters or len(contrast.clusters) >= MIN_PICTURES
