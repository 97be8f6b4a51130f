"""When a contrast shows that something adds enough, or too little: one rule for every size.

Newcombe's bounds alone are too sure of themselves in small samples. Where the gain is just the
margin of 0.05, three samples would pass in 12 of 100 cases, and 36 would fail in 15, most of them
because no answer changed. So each decision also needs an exact binomial tail. With both, errors
stay near their level at every size: counted over all outcomes of 3 to 50 samples, for margins up to
0.1 and the level 0.05, a false pass has a probability of at most 0.07; a false failure one of at
most 0.11 from 5 samples on, and 0.08 from 12 on.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.gates.vision.contrast import Contrast

FEWEST_PICTURES: Final = 20
"""Where pictures are shared, fewer of them bear no bounds, and nothing is sure."""


def adds(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether it surely adds at least `margin`, both tests being at the level `alpha`.

    The lower bound reaches the margin, and gains outnumber losses by the exact sign test: if it
    added nothing, every flip would be one or the other by a fair coin.
    """
    sure = contrast.p_value(exact=True) <= alpha and contrast.bounds(alpha).low >= margin
    return sure and _enough_pictures(contrast)


def adds_too_little(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether it surely adds less than `margin`, both tests being at the level `alpha`.

    The upper bound is below the margin, and so few gains are rare for a binomial whose share is the
    margin more than that of the losses. Where nothing was lost, this is exact.
    """
    if contrast.bounds(alpha).high >= margin or not _enough_pictures(contrast):
        return False
    pairs = contrast.pairs
    share = min(Fraction(1), margin + Fraction(pairs.regressed, pairs.total))
    return _falls_short(Fraction(pairs.fixed, pairs.total), share, contrast, alpha)


def beats_chance(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the score with it is surely at least `margin` above chance, by an exact tail."""
    share = min(Fraction(1), contrast.chance + margin)
    return _falls_short(1 - contrast.after, 1 - share, contrast, alpha)


def short_of_chance(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the score with it is surely less than `margin` above chance, by an exact tail."""
    share = min(Fraction(1), contrast.chance + margin)
    return _falls_short(contrast.after, share, contrast, alpha)


def _falls_short(found: Fraction, share: Fraction, contrast: Contrast, alpha: float) -> bool:
    """Whether so small a part of the samples is rare for a binomial of that share.

    Samples that share pictures count as the smaller number of samples that would tell as much of
    the difference; the part of them is rounded up.
    """
    asked = contrast.effective
    return binomial.lower_tail(math.ceil(found * asked), asked, share) <= alpha


def _enough_pictures(contrast: Contrast) -> bool:
    return len(contrast.clusters) >= FEWEST_PICTURES if contrast.clusters else True
