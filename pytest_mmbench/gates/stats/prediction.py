"""What a model that is as good as it was may score on new samples."""

from __future__ import annotations

import math


def least_expected(correct: int, total: int, *, size: int, error: float) -> int:
    """Correct answers, of `size` new samples, below which an equally good model rarely falls.

    For a model that got `correct` of `total` samples right, the smallest number that Fisher's exact
    one-sided test at the level `error` does not find worse. Whatever the true accuracy, a second
    run falls below this number with a probability of at most `error`, both runs taken as samples.
    Source: R. A. Fisher, *Statistical Methods for Research Workers* (5th ed., 1934), section 21.02;
    as a prediction limit A. R. Thatcher, J. Roy. Statist. Soc. B 26 (1964).
    """
    low, high = 0, min(size, math.ceil(size * correct / total))
    while low < high:
        middle = (low + high) // 2
        if fisher_worse(correct, total, middle, size) > error:
            high = middle
        else:
            low = middle + 1
    return low


def fisher_worse(correct: int, total: int, new_correct: int, new_total: int) -> float:
    """One-sided p-value that the new share is no lower: Fisher's exact test of two proportions.

    The hypergeometric probability of at most `new_correct` among the new, given the sum of both.
    """
    right, everything = correct + new_correct, total + new_total
    least = max(0, right - total)

    def log_ways(new: int) -> float:
        return _log_choose(new_total, new) + _log_choose(total, right - new)

    whole = _log_choose(everything, right)
    # From the largest term downwards, each from the one before it.
    term, terms = math.exp(log_ways(new_correct) - whole), []
    for new in range(new_correct, least - 1, -1):
        terms.append(term)
        term *= new * (total - right + new)
        term /= (new_total - new + 1) * (right - new + 1)
    return min(1.0, math.fsum(terms))


def _log_choose(total: int, part: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(part + 1) - math.lgamma(total - part + 1)
