"""Keys that can be guessed without reading: by one letter, or by the length of the options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.stats import binomial, chance
from pytest_mmbench.lint.findings import Example, LintFinding, QuestionSet, Severity
from pytest_mmbench.lint.text import fold
from pytest_mmbench.records import Sample, letters

ALPHA: Final = 0.001
"""How often a check of this kind speaks of a set whose key is drawn at random."""
LEAST_EXCESS: Final = Fraction(1, 20)
"""Of a score, below which a habit is harmless, however sure it is in a large set."""
MOST_FIXED: Final = Fraction(1, 2)
"""Share of questions of the same options, from which their lengths say nothing."""
YES_NO: Final = frozenset([("no", "yes"), ("false", "true")])
"""Options whose lengths nobody has chosen."""


def letter_balance(questions: QuestionSet) -> list[LintFinding]:
    """Letters that are correct too often, or too seldom, by number of options.

    Each letter is compared with one in m by an exact binomial tail; as m letters are looked at,
    each in both directions, `ALPHA` is shared out among 2 m tests (Bonferroni).
    """
    keys: dict[int, Counter[str]] = {}
    for sample in questions.samples:
        if len(sample.options) > 1 and sample.target in letters(sample.options):
            keys.setdefault(len(sample.options), Counter())[sample.target] += 1
    examples = {}
    for options, counts in sorted(keys.items()):
        total, guess = counts.total(), chance.guess(options)
        level = ALPHA / (2 * options)
        for letter in letters("x" * options):
            number = counts[letter]
            is_rare = binomial.lower_tail(number, total, guess) <= level
            is_common = binomial.upper_tail(number, total, guess) <= level
            if abs(Fraction(number, total) - guess) >= LEAST_EXCESS and (is_rare or is_common):
                share = f"{number / total:.2f}, where chance is {float(guess):.2f}"
                examples[f"{letter} of {options}"] = f"correct in {number:,} of {total:,}: {share}"
    return _set_findings(
        "key-balance",
        examples,
        "letter",
        "a letter is correct more often or more seldom than the others",
        "shuffle the options, or ask with --mm-circular: who always says one letter is no model",
    )


def longest_option(questions: QuestionSet) -> list[LintFinding]:
    """Whether the correct option is longer than all others more often than one in m times.

    Only questions count of which one option is longer than all others; the number of hits is
    Poisson-binomial if the key does not depend on length.
    """
    cases = _clear_cases(questions.samples)
    options = Counter(number for number, _ in cases)
    hits = sum(is_hit for _, is_hit in cases)
    total = options.total()
    if not total or hits <= (chance.mean(options) + LEAST_EXCESS) * total:
        return []
    if (tail := chance.at_least(hits, options)) > ALPHA:
        return []
    expected = float(chance.mean(options) * total)
    text = f"{hits:,} of {total:,}, where chance is {expected:,.0f} (p = {tail:.2g})"
    return _set_findings(
        "longest-option",
        {"": text},
        "habit",
        "the longest option is the correct one more often than chance has it",
        "write wrong options with as much care as correct ones",
    )


def _clear_cases(samples: Sequence[Sample]) -> list[tuple[int, bool]]:
    """Number of options, and whether the longest is correct, of questions where one is longest."""
    counts = Counter(_folded(sample) for sample in samples if sample.options)
    most = MOST_FIXED * counts.total()
    fixed = {options for options, number in counts.items() if number > most} | YES_NO
    cases = []
    for sample in samples:
        lengths = [len(option.strip()) for option in sample.options]
        is_clear = len(lengths) > 1 and lengths.count(max(lengths)) == 1
        if is_clear and _folded(sample) not in fixed and sample.target in letters(sample.options):
            longest = letters(sample.options)[lengths.index(max(lengths))]
            cases.append((len(lengths), longest == sample.target))
    return cases


def _folded(sample: Sample) -> tuple[str, ...]:
    return tuple(sorted(map(fold, sample.options)))


def _set_findings(
    check: str, cases: dict[str, str], unit: str, problem: str, remedy: str
) -> list[LintFinding]:
    if not cases:
        return []
    examples = tuple(Example(place=place, text=text) for place, text in cases.items())
    return [
        LintFinding(
            check=check,
            severity=Severity.WARNING,
            count=len(cases),
            unit=unit,
            problem=problem,
            remedy=remedy,
            examples=examples,
        )
    ]
