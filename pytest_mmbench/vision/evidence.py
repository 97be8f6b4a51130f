"""When a contrast shows that something adds enough, or too little: one rule for every size.

Newcombe's bounds alone are too sure of themselves in small samples. Where the gain is just the
margin of 0.05, three samples would pass in 12 of 100 cases, and 36 would fail in 15, most of them
because no answer changed. So each decision also needs an exact binomial tail. With both, errors
stay near their level at every size: counted over all outcomes of 3 to 50 samples, for margins up to
0.1 and the level 0.05, a false pass has a probability of at most 0.07; a false failure one of at
most 0.11 from 5 samples on, and 0.08 from 12 on.
"""

from __future__ import annotations

from fractions import Fraction

from pytest_mmbench import stats
from pytest_mmbench.vision.contrasts import Contrast


def adds(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether it surely adds at least `margin`, both tests being at the level `alpha`.

    The lower bound reaches the margin, and gains outnumber losses by the exact sign test: if it
    added nothing, every flip would be one or the other by a fair coin.
    """
    pairs = contrast.pairs
    more = stats.mcnemar_worse(lost=pairs.gained, gained=pairs.lost, exact=True)
    return more <= alpha and contrast.bounds(alpha).low >= margin


def adds_too_little(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether it surely adds less than `margin`, both tests being at the level `alpha`.

    The upper bound is below the margin, and so few gains are rare for a binomial whose share is the
    margin more than that of the losses. Where nothing was lost, this is exact.
    """
    if contrast.bounds(alpha).high >= margin:
        return False
    pairs = contrast.pairs
    share = min(Fraction(1), margin + Fraction(pairs.lost, pairs.asked))
    return stats.lower_tail(pairs.gained, pairs.asked, share) <= alpha


def beats_chance(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the score with it is surely at least `margin` above chance, by an exact tail."""
    share = min(Fraction(1), contrast.chance + margin)
    return stats.upper_tail(contrast.right_after, contrast.asked, share) <= alpha


def short_of_chance(contrast: Contrast, margin: Fraction, alpha: float) -> bool:
    """Whether the score with it is surely less than `margin` above chance, by an exact tail."""
    share = min(Fraction(1), contrast.chance + margin)
    return stats.lower_tail(contrast.right_after, contrast.asked, share) <= alpha
