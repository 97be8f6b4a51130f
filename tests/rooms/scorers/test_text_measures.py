"""Published measures of short texts, beside their descriptions in the plainest form."""

import random
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.anls import anls
from pytest_mmbench.scorers.text_measures import (
    contains,
    contains_formula,
    equal,
    relaxed,
    relaxed_exactly,
)
from pytest_mmbench.scorers.text_scorer import Measure
from pytest_mmbench.scorers.vqa import CONTRACTIONS, normal_answer, vqa_accuracy

FUZZED = 10_000
PIECES = [
    *("Nikon", "nikon", "a", "The", "ice cream", "dont", "couldntve", "I'm", "two", "ten", "none"),
    *("12", "12.5", "1,200", "50%", "5.25", "1.05", "1", "0", "nan", "inf", "-3", "1e3", "1_000"),
    *("\n", "\t", "  ", "'s", "3.", "..", "x.y", "\u0130", "\u00df", "\u00e9", *';/[]"{}()=+\\_-'),
    *("shouldnt've", "y'alldve", "somebody'd", *"<>@`,?!:'%.$"),
]


def distance(one: str, other: str) -> int:
    """Levenshtein's, row by row."""
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, start=1):
        before, row = row, [at]
        for place, known in enumerate(other, start=1):
            changed = before[place - 1] + (sign != known)
            row.append(min(changed, before[place] + 1, row[place - 1] + 1))
    return row[-1]


def plain_anls(text: str, golds: Sequence[str]) -> float:
    """1 - distance / length of the longer text, of the nearest reference; below half nothing."""
    shares = []
    for gold in golds:
        one, other = (" ".join(each.strip().lower().split()) for each in (text, gold))
        length = max(len(text.upper()), len(gold.upper()))
        shares.append(distance(one, other) / length if length else 0.0)
    best = 1 - min(shares)
    return best if best >= 0.5 else 0.0


def plain_relaxed(text: str, golds: Sequence[str]) -> float:
    """Within 5 % of a reference, or the same text in small letters; percents are hundredths."""

    def number(said: str) -> float | None:
        try:
            return float(said.rstrip("%")) / 100 if said[-1:] == "%" else float(said)
        except ValueError:
            return None

    for gold in golds:
        value, wanted = number(text.strip()), number(gold)
        if value is None or wanted is None or wanted == 0:
            near = text.strip().lower() == gold.lower()
        else:
            near = abs(value - wanted) / abs(wanted) <= 0.05
        if near:
            return 1.0
    return 0.0


def plain_contains(text: str, golds: Sequence[str]) -> float:
    """Some reference occurs in the text, both in small letters and on one line."""
    small = [each.lower().strip().replace("\n", " ") for each in (text, *golds)]
    return float(any(gold in small[0] for gold in small[1:]))


def plain_contains_formula(text: str, golds: Sequence[str]) -> float:
    """Some reference occurs in the text, both without blanks and line breaks."""
    bare = ["".join(each.strip().replace("\n", " ").split(" ")) for each in (text, *golds)]
    return float(any(gold in bare[0] for gold in bare[1:]))


def plain_normal(text: str) -> str:
    """In the order of the evaluation: line breaks, punctuation, periods, digits, articles."""
    text = re.sub(r"[\n\t]", " ", text).strip()
    signs = [*';/[]"{}()=+\\_-><@`,?!']
    beside_blank = {sign for sign in signs if sign + " " in text or " " + sign in text}
    removed = {*signs} if re.search(r"\d,\d", text) else beside_blank
    plain = "".join("" if sign in removed else " " if sign in signs else sign for sign in text)
    plain = re.sub(r"\.(?=\D|\Z)", "", plain)
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    words = []
    for word in plain.lower().split():
        if word not in ("a", "an", "the"):
            number = "0" if word == "none" else word
            number = str(digits.index(number)) if number in digits else number
            words.append(CONTRACTIONS.get(number, number))
    return " ".join(words)


def plain_vqa(text: str, golds: Sequence[str]) -> float:
    """Each reference is left out in turn: min(1, equal ones / 3), and then the mean."""
    said, known = plain_normal(text), [plain_normal(gold) for gold in golds]
    shares = []
    for at in range(len(known)):
        others = known[:at] + known[at + 1 :]
        shares.append(min(1.0, others.count(said) / 3))
    return sum(shares) / len(shares)


PUBLISHED: list[tuple[Measure, Callable[[str, Sequence[str]], float]]] = [
    (anls, plain_anls),
    (relaxed, plain_relaxed),
    (contains, plain_contains),
    (contains_formula, plain_contains_formula),
    (vqa_accuracy, plain_vqa),
]


@cache
def fuzzed() -> list[tuple[str, list[str]]]:
    """Answers and their references: unrelated, equal, or some characters apart."""
    drawn = random.Random(20261129)
    return [case(drawn) for _ in range(FUZZED)]


def case(drawn: random.Random) -> tuple[str, list[str]]:
    """One of them."""

    def text(most: int) -> str:
        pieces = drawn.choices(PIECES, k=drawn.randint(1, most))
        return drawn.choice(["", " "]).join(pieces)

    golds = [text(3) for _ in range(drawn.choice([1, 2, 3]))]
    golds = drawn.choices(golds, k=drawn.choice([1, 3, 10]))
    near = [*drawn.choice(golds)]
    for _ in range(drawn.randint(0, 2)):
        near.insert(drawn.randint(0, len(near)), drawn.choice("ab 1.,%"))
    return drawn.choice([text(5), *golds[:1], "".join(near), golds[0].upper() + ". "]), golds


@pytest.mark.parametrize(("measure", "published"), PUBLISHED)
def test_the_published_rule(
    measure: Measure, published: Callable[[str, Sequence[str]], float]
) -> None:
    """Of 10,000 fuzzed answers none earns another credit than its description gives."""
    cases = fuzzed()

    differences = [case for case in cases if abs(float(measure(*case)) - published(*case)) > 1e-9]

    assert differences == []
    assert 0.02 * FUZZED < sum(bool(measure(*case)) for case in cases) < 0.98 * FUZZED


@pytest.mark.parametrize(
    ("measure", "text", "golds", "credit"),
    [
        (equal, " Red  DOOR. ", ["blue", "red door"], "1"),
        (equal, "1.5", ["15"], "0"),
        (equal, "?", ["?"], "1"),
        (contains, "It says CENTRE.", ["centre"], "1"),
        (contains, "in 2012", ["12"], "1"),
        (contains_formula, "x ^ 2\n+ 1", ["x^2+1"], "1"),
        (contains_formula, "X^2", ["x^2"], "0"),
        (relaxed, "105", ["100"], "1"),
        (relaxed, "106", ["100"], "0"),
        (relaxed, "1.05", ["1"], "0"),
        (relaxed, "50%", ["50"], "0"),
        (relaxed, "50%", ["0.5"], "1"),
        (relaxed, "0.0", ["0"], "0"),
        (relaxed, "nan", ["nan"], "0"),
        (relaxed, "YES", ["yes"], "1"),
        (relaxed_exactly, "1.05", ["1"], "1"),
        (relaxed_exactly, "1,050 dollars", ["1000"], "1"),
        (relaxed_exactly, "0", ["0"], "1"),
        (anls, "nikan", ["Nikon", "canon"], "4/5"),
        (anls, "nikn", ["nikon"], "4/5"),
        (anls, "ab", ["ax"], "1/2"),
        (anls, "abc", ["axy"], "0"),
        (anls, "", ["x"], "0"),
        (vqa_accuracy, "The 2 dogs!", ["two dogs"] * 2 + ["cat"] * 8, "3/5"),
        (vqa_accuracy, "cat", ["cat"] * 4 + ["dog"] * 6, "1"),
        (vqa_accuracy, "cat", ["cat"] + ["dog"] * 9, "3/10"),
        (vqa_accuracy, "cow", ["cat"] * 10, "0"),
    ],
)
def test_what_an_answer_earns(
    measure: Measure, text: str, golds: Sequence[str], credit: str
) -> None:
    """One line a rule or quirk, with the exact credit."""
    assert measure(text, golds) == Fraction(credit)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("A dont", "don't"),
        ("couldntve", "couldntve"),
        ("couldnt've", "couldn't've"),
        ("somebody'd", "somebodyd"),
        ("red/blue", "red blue"),
        ("red / blue", "red blue"),
        ("1,200-3", "12003"),
        ("None.", "0"),
        ("3.5", "3.5"),
        (" the\nend\t", "end"),
    ],
)
def test_how_vqa_compares(text: str, normal: str) -> None:
    """Articles, digits, contractions and punctuation, as its evaluation has them."""
    assert normal_answer(text) == normal


def test_contractions() -> None:
    """Those that lack one apostrophe; of two missing ones the evaluation knows none."""
    assert len(CONTRACTIONS) == 114
    assert {form.count("'") - key.count("'") for key, form in CONTRACTIONS.items()} == {1, -1}


@pytest.mark.parametrize("measure", [equal, relaxed_exactly, *(each for each, _ in PUBLISHED)])
@given(text=st.text(max_size=12), golds=st.lists(st.text(max_size=12), min_size=1, max_size=10))
def test_a_credit_is_a_share(measure: Measure, text: str, golds: list[str]) -> None:
    """No text raises, and none earns more than all; one reference more takes nothing away."""
    credit = measure(text, golds)

    assert 0 <= credit <= 1
    if measure is not vqa_accuracy:
        assert measure(text, [*golds, "another"]) >= credit


@given(text=st.text(max_size=12), other=st.text(max_size=12))
def test_anls_is_symmetric(text: str, other: str) -> None:
    """It does not matter which of two texts is the reference, and a text is nearest to itself."""
    assert anls(text, [other]) == anls(other, [text])
    assert anls(text, [text]) == 1


@given(golds=st.lists(st.sampled_from(["cat", "dog", "cow"]), min_size=2, max_size=12))
def test_vqa_does_not_depend_on_the_order(golds: list[str]) -> None:
    """People have no order; and with more of them that say the same nobody earns less."""
    assert vqa_accuracy("cat", golds) == vqa_accuracy("cat", sorted(golds))
    assert vqa_accuracy("cat", [*golds, "cat"]) >= vqa_accuracy("cat", golds)
