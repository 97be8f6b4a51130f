from collections import Counter
from importlib import import_module
from itertools import cycle, islice

import pytest
from views import SILENT, seen

from pytest_mmbench.gates.stats import multiplicity
from pytest_mmbench.gates.stats.chance import at_least
from pytest_mmbench.gates.stats.permutation import LetterPermutation
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, ViewOutcome, ViewOutcomes
from pytest_mmbench.gates.vision.text_only import TextOnly, text_only
from pytest_mmbench.records import Mark


def unseen(pairs: list[tuple[str, str]], options: int = 4) -> OutcomeCounts:
    """Answers without the picture, each a chosen and a right letter."""
    return Counter(
        ViewOutcomes(
            options=options,
            target=key,
            with_image=seen(right=True),
            without_image=ViewOutcome(
                mark=Mark.CORRECT if letter == key else Mark.INCORRECT, answer=letter
            ),
        )
        for letter, key in pairs
    )


def knowing(asked: int, right: int, keys: str = "ABCD") -> OutcomeCounts:
    """So many right of `asked`; the others are wrong by one letter, so that none is favoured."""
    keyed = list(islice(cycle(keys), asked))
    shifted = [keys[(keys.index(key) + 1) % len(keys)] for key in keyed]
    return unseen(
        [(k if at < right else s, k) for at, (k, s) in enumerate(zip(keyed, shifted, strict=True))]
    )


def only(counts: OutcomeCounts) -> TextOnly:
    (found,) = text_only({"shapes": counts}, alpha=0.05, seed=0)
    return found


def test_answers_in_the_questions_are_warned_of() -> None:
    """90 of 250 right unseen are more than guesses or letters explain."""
    found = only(knowing(250, 90))

    assert found.warns
    assert isinstance(found.by_fixed_letters, LetterPermutation)
    assert (found.correct, found.total, float(found.chance)) == (90, 250, 0.25)
    assert found.by_guessing == at_least(90, {4: 250})
    assert found.adjusted == max(found.by_guessing, found.by_fixed_letters.tail)
    assert found.explanation == (
        "shapes: text-only accuracy above chance: 0.360 without the picture (90 of 250, chance"
        f" 0.25; p = {found.by_guessing:.2g} for guessing, 0.001 for a habit of letters, which gets"
        f" {found.by_fixed_letters.expected:.0f})"
    )


def test_a_habit_of_letters_is_no_knowledge() -> None:
    """Always B, where the key says B four times in ten: rare as a guess, usual as a habit."""
    found = only(unseen([("B", key) for key in islice(cycle("ABBCBDABCB"), 250)]))

    assert found.correct / found.total == pytest.approx(0.5, abs=0.1)
    assert found.by_guessing < 0.001
    assert isinstance(found.by_fixed_letters, LetterPermutation)
    assert found.by_fixed_letters.tail == 1.0
    assert not found.warns
    assert "questions give little away" in found.explanation


def test_guesses_are_no_knowledge() -> None:
    """At chance nothing is dealt, as there is nothing to explain."""
    found = only(knowing(400, 100))

    assert not found.warns
    assert (found.by_fixed_letters, found.adjusted) == (None, 1.0)
    assert found.explanation == (
        "shapes: questions give little away: 0.250 without the picture (100 of 400, chance 0.25;"
        f" p = {at_least(100, {4: 400}):.2g} for guessing)"
    )


def test_a_little_knowledge_is_not_worth_telling() -> None:
    """Four points above chance in 10,000 samples are sure, and below the five that matter."""
    below, above = only(knowing(10_000, 2900)), only(knowing(10_000, 3000))

    assert below.by_guessing < 1e-6
    assert (below.warns, above.warns) == (False, True)
    assert below.by_fixed_letters is None


def test_a_family_shares_its_level() -> None:
    """What is rare alone is usual among thirty: Holm's procedure over the larger p-values."""
    guilty, quiet = knowing(40, 17), knowing(40, 10)
    family = {"guilty": guilty} | {f"quiet-{at}": quiet for at in range(30)}

    (alone,) = text_only({"guilty": guilty}, alpha=0.05, seed=0)
    together, *others = text_only(family, alpha=0.05, seed=0)

    assert alone.warns
    assert alone.by_guessing < 0.05 < 31 * alone.by_guessing
    assert not together.warns
    assert isinstance(together.by_fixed_letters, LetterPermutation)
    larger = [max(together.by_guessing, together.by_fixed_letters.tail)] + [1.0] * len(others)
    assert [each.adjusted for each in (together, *others)] == multiplicity.holm(larger)


def test_what_is_certain_is_warned_of_among_many() -> None:
    """The least p-value of dealing is small enough for the largest family."""
    family = {f"d{at}": knowing(60, 60 if not at else 15) for at in range(120)}

    first, *others = text_only(family, alpha=0.05, seed=0)

    assert first.warns
    assert not any(each.warns for each in others)


def test_a_tiny_level_does_not_deal_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A billionth would take two billion deals; fewer cannot show it, and the sentence says so."""
    monkeypatch.setattr(
        import_module("pytest_mmbench.gates.vision.text_only"), "MAX_PERMUTATIONS", 1999
    )

    (found,) = text_only({"shapes": knowing(60, 60)}, alpha=1e-9, seed=0)

    assert not found.warns
    assert isinstance(found.by_fixed_letters, LetterPermutation)
    assert found.by_fixed_letters.tail == 1 / 2000
    assert (
        "; p = 7.5e-37 for guessing, 0.0005, the least that is ever shown, for a habit of letters,"
        " which gets 15)" in found.explanation
    )


def test_lots_do_not_depend_on_the_company() -> None:
    """A dimension is dealt the same lots whatever else is judged, in whatever order."""
    one, other = knowing(60, 24), knowing(80, 33)

    there = text_only({"a": one, "b": other}, alpha=0.05, seed=3)
    back = text_only({"b": other, "a": one}, alpha=0.05, seed=3)

    assert [each.dimension for each in back] == ["b", "a"]
    assert {each.dimension: each.by_fixed_letters for each in there} == {
        each.dimension: each.by_fixed_letters for each in back
    }


def test_what_was_not_asked_unseen_is_left_out() -> None:
    """A dimension without such answers has nothing to warn of."""
    asked_with_it = {ViewOutcomes(options=4, target="A", with_image=seen(right=True)): 40}

    assert text_only({"shapes": asked_with_it}, alpha=0.05, seed=0) == []
    assert text_only({}, alpha=0.05, seed=0) == []


def test_silence_is_asked_and_open_questions_are_not() -> None:
    """An unreadable answer is not right; open ones are left out, and so is a dimension of them."""
    silent = ViewOutcomes(options=4, target="A", with_image=seen(right=True), without_image=SILENT)
    known = ViewOutcomes(
        options=0,
        target="",
        with_image=seen(right=True),
        without_image=ViewOutcome(mark=Mark.CORRECT, answer="three"),
    )

    found = only({silent: 10, known: 10})

    assert (found.correct, found.total, float(found.chance)) == (0, 10, 0.25)
    assert text_only({"shapes": {known: 10}}, alpha=0.05, seed=0) == []
