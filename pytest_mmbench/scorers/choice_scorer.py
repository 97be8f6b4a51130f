"""The scorer that reads one letter, and the published rules that are such readers."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample, Score, letters


def score(sample: Sample, answer: str, *, correct: bool, strict: bool = False) -> Score:
    """The score of a letter, number or text that was read; strictly, an empty one is unparseable.

    By published rules an empty one is incorrect.
    """
    mark = Mark.CORRECT if correct else Mark.INCORRECT
    unparseable = strict and not answer
    return Score(sample=sample.id, mark=Mark.UNPARSEABLE if unparseable else mark, answer=answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceScorer:
    """Scores a generated answer by the letter that is read out of it."""

    rule: str
    """`strict`, which calls an answer without a letter unparseable, or the name of a published
    rule, which calls it incorrect."""
    read: Callable[[str, Sequence[str]], str]
    """Gives the letter that a text is taken for, among these options; empty if none."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the letter is the target."""
        letter = self.read(answer.text, sample.options)
        return score(sample, letter, correct=letter == sample.target, strict=self.rule == "strict")


_AI2D_OPENING = re.compile(r"\s*+([A-Z])\.")
_AI2D_PUNCTUATION = str.maketrans("", "", string.punctuation)


def read_filtered(text: str, options: Sequence[str]) -> str:
    """lmms-eval's rule for AI2D: the letter that an answer is equal to after the filter.

    After the filter and the metric of EvolvingLMMs-Lab/lmms-eval (`lmms_eval/tasks/ai2d`): a
    capital with a full stop at the beginning is the answer, else the whole text is; case and
    punctuation do not count. How the paper's authors read answers was not looked up (NOT VERIFIED).

    Its quirks: `(B)` and `**b**` are right for B, `B: two` and `b. two` are not; white space at
    either end goes before the punctuation does, so that `( B )` is wrong.
    """
    opening = _AI2D_OPENING.match(text)
    filtered = opening[1] if opening else text.strip()
    # In small letters first: some capitals have none of one letter, and `upper` would make one.
    letter = filtered.lower().translate(_AI2D_PUNCTUATION)
    return letter.upper() if letter in tuple(LETTERS[: len(options)].lower()) else ""


FILTERED_LETTER: Final = ChoiceScorer(rule="official", read=read_filtered)
"""AI2D."""
MMSTAR_OPENINGS: Final = ("", "(", "option ", "the answer is ")
"""What may stand before the letter."""


def read_prefix(text: str, options: Sequence[str]) -> str:
    """MMStar's published rule: an answer is right if it begins with the right letter.

    After `eval/vlmeval/evaluate/mmstar.py` of MMStar-Benchmark/MMStar. Case, line breaks and white
    space around the text change nothing. The rule knows no word boundary, so that `a photo of a
    dog` and `Answer: D` answer A and `because` answers B, and no unparseable answer. It serves to
    compare with published numbers; a gate is better off with `choice.StrictChoice`.
    """
    text = text.lower().strip().replace("\n", " ")
    openings = [opening for opening in MMSTAR_OPENINGS if text.startswith(opening)]
    firsts = (text[len(opening) :][:1].upper() for opening in openings)
    return next((letter for letter in firsts if letter in letters(options)), "")


PREFIX_CHOICE: Final = ChoiceScorer(rule="official", read=read_prefix)
"""MMStar."""
SCIENCEQA_LETTERS: Final = tuple(LETTERS[:5])
"""ScienceQA has at most five options."""
_SCIENCEQA_OPENING = re.compile(r"([A-E])\. ")
_SCIENCEQA_STATEMENTS = (
    re.compile(r"The answer is ([A-E])\."),
    re.compile(r"The answer is ([A-E])"),
)


def read_llava(text: str, options: Sequence[str]) -> str:
    """LLaVA's rule for ScienceQA, which counts as the official one.

    After haotian-liu/LLaVA (`llava/eval/eval_science_qa.py`, commit 5200b75): the numbers of
    vision-language models on the image subset are computed by it, and it draws nothing. The
    authors' own script reads `The answer is X.` out of a prompt for GPT-3, and draws an option
    where that does not stand exactly once.

    Its quirks: line breaks become full stops, so that a letter on a line of its own opens the text;
    only capitals count; `The answer is DNA` answers D; the first `The answer is X.` wins, and one
    with a full stop wins over an earlier one without; a letter beyond the options is wrong.
    """
    text = text.replace("\n", ". ")
    letter = text.strip()
    if letter not in SCIENCEQA_LETTERS:
        statements = [pattern.search(text) for pattern in _SCIENCEQA_STATEMENTS]
        matches = (_SCIENCEQA_OPENING.match(text), *statements)
        letter = next((match[1] for match in matches if match), "")
    return letter if letter in SCIENCEQA_LETTERS[: len(options)] else ""


LLAVA_CHOICE: Final = ChoiceScorer(rule="official", read=read_llava)
"""ScienceQA."""


def read_first_character(text: str, options: Sequence[str]) -> str:
    """lmms-eval's rule for SEED-Bench and SEED-Bench-2: the capital that a text begins with.

    After `seed_process_result` of EvolvingLMMs-Lab/lmms-eval (`lmms_eval/tasks/seedbench`, and
    `seedbench_2`). The authors rank by likelihood (`likelihood.MostLikely`) and read no text.

    Its quirks: `Bananas` answers B, `A photo` answers A, `(B)` and `b` answer nothing. There the
    gold is compared as it is published, so that a letter with a space beside it is never right;
    here the benchmark strips it.
    """
    first = text.strip()[:1]
    return first if first in letters(options) else ""


FIRST_CHARACTER: Final = ChoiceScorer(rule="official", read=read_first_character)
"""Generated answers to SEED-Bench and SEED-Bench-2."""
REFUSED: Final = "Z"
"""VLMEvalKit's letter for an answer that declines to choose."""
REFUSALS: Final = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
FAILURE: Final = "Failed to obtain answer via API"
LAST: Final = 4
"""Words from the end among which the letter has to stand first."""
_VLMEVALKIT_PUNCTUATION = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_ANSWER_IS = re.compile(r"answer\s++is\s++\**+([ABCD])", re.IGNORECASE)


def infer(text: str, options: Sequence[str]) -> str:
    """VLMEvalKit's rule for questions with options, as it is without a judge.

    After `can_infer` of open-compass/VLMEvalKit (`vlmeval/utils/matching_util.py`, commit e8e78f0)
    in its mode `exact_matching`, by which MMBench, AI2D and others are scored there. First a letter
    is looked for: the only option letter among the words, one of the last four; else the letter of
    `answer is B`. If there is none, the only option whose text occurs counts, in answers of at most
    twice the length of all options together. What is still undecided is wrong; with a judge it
    would be asked, and after that an option would be drawn.

    Its quirks: letters are capitals, options' texts are in any case and know no word boundary; four
    sentences of refusal decide before any letter; `A` as an article is a letter (a guard against
    that acts only with the environment variable VERBOSE, and is left out); `answer is` takes only A
    to D. The rule has changed: snapshots before had no rule for `answer is`, or looked for the
    letter at any place, or only before the last five words.
    """
    letter = infer_letter(text, options) or infer_text(text, options)
    return letter if letter in letters(options) else ""


def infer_letter(text: str, options: Sequence[str]) -> str:
    """What the letters in a text decide: an option's, or `Z` for a refusal."""
    if FAILURE in text:
        return ""
    if any(refusal in text for refusal in REFUSALS):
        return REFUSED
    words = text.translate(_VLMEVALKIT_PUNCTUATION).split()
    named = [letter for letter in letters(options) if letter in words]
    if len(named) == 1 and words.index(named[0]) >= len(words) - LAST:
        return named[0]
    if not named and REFUSED in words:
        return REFUSED
    statement = _ANSWER_IS.search(text)
    letter = statement[1].upper() if statement else ""
    return letter if letter in letters(options) else ""


def infer_text(text: str, options: Sequence[str]) -> str:
    """The letter of the only option whose text occurs; empty for a long text."""
    text = text.lower()
    if len(text) > 2 * sum(map(len, options)):
        return ""
    texts = zip(letters(options), map(str.lower, options), strict=True)
    named = [letter for letter, option in texts if option in text]
    return named[0] if len(named) == 1 else ""


INFERRED_CHOICE: Final = ChoiceScorer(rule="official", read=infer)
"""MMBench."""


def read_only_bracket(text: str, options: Sequence[str]) -> str:
    """BLINK's rule without its judge: the only letter of an option that stands in brackets.

    The authors' file of answers keeps `(B)` for each; where a text names none or several, they ask
    a language model which option it means. Here such a text is wrong. (From memory, NOT VERIFIED in
    their code: of their 1,901 published readings of GPT-4o it gives 1,566, and one other letter.)
    """
    named = [letter for letter in letters(options) if f"({letter})" in text]
    return named[0] if len(named) == 1 else ""


ONLY_BRACKET: Final = ChoiceScorer(rule="official", read=read_only_bracket)
"""BLINK."""
