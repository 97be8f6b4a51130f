"""Reading the chosen option out of a generated text, strictly.

A text that names no option, or several and settles on none, is unparseable. Nothing is guessed:
a model cannot gain by talking around the question. The first rule that gives one option wins:

1. The whole text is a letter, an option's text, or both joined (`B`, `(b)`, `three`, `B: three`).
2. It says what the answer is (`the answer is C`, `**Answer:** three`, a box); the last such
   statement that says anything counts, and one that names two letters settles on none. Nor does
   one that goes on to say something of the letter (`answer B is wrong`).
3. Exactly one letter is called correct (`Option B is correct.`).
4. Its first or last line is a letter.
5. It opens with a letter and a delimiter (`B. Because ...`), or ends with a line that joins a
   letter and its text, and no other letter has a delimiter.
6. Exactly one letter stands in brackets, and is not denied there.
7. Exactly one option's text occurs as whole words, and is not denied there. What occurs only
   inside a longer option, or as a part of a number, does not.

An `a` before a word is an article, not an option, whatever its case. Options may be letters
themselves, as those of diagrams are: where the wording asks for the letter of an option, a letter
is that, and never the text of another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import LETTERS, Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.phrases import WORD, bare, denied, folded, plain_lines, sentence, stated

HIDDEN: Final = "\0"
"""Stands where a longer option's text stood."""
NEAR: Final = 20
"""Characters before a letter in which another one may be joined to it."""
_OPENING_MARKS = r"[(\[{*_`'\"$\\\u2018\u201c\u300a\u300c\u300e\u3010]*"
_CLOSING_MARKS = r"[)\]}*_`'\"$\\\u2019\u201d\u300b\u300d\u300f\u3011]*"
_NO_WORD_FOLLOWS = rf"(?!{WORD}|['\u2019]{WORD})"
_VERBS = (
    r"(?:(?:is|was|does|would|could)(?:n['\u2019]t)?|can(?:not|['\u2019]t)"
    r"|shows|says|means|depicts)"
)
_OPENING_LETTER = re.compile(
    r"[\s(\[*_`'\"]*+(?:(?:option|choice)\s+)?"
    r"([a-z])\s*(?:[.:)\]*\u3001\u3002](?=\s|\*|$)|,?(?=\s+(?:because|since)\b))"
)
_DELIMITED_LETTER = re.compile(rf"(?<!{WORD})(?<!')([a-z])\s*[.:)\]](?=\s|$)")
_BRACKETED_LETTER = re.compile(r"[(\[{]\s*([a-z])\s*[)\]}]")
_BULLET = re.compile(r"(?:[-\u2022]\s+|(?:option|choice|letter)\s+|选项|選項|選択肢)+")
_LETTER_AND_TEXT = re.compile(
    r"([a-z])(?:\s*[.:,)\]}*_\u3001|]+\s*|\s+[-\u2013\u2014]+\s*|(?<![ai])\s+)(\S.*)"
)
_NAMED_LETTER = re.compile(
    rf"(?:[-*\u2022]\s+)?{_OPENING_MARKS}(?:([b-hj-z]){_NO_WORD_FOLLOWS}"
    rf"|([ai]){_NO_WORD_FOLLOWS}(?! (?!because|since|as\b|and\b|or\b|{_VERBS}\b){WORD}))"
)
_PREDICATE = re.compile(rf"{_CLOSING_MARKS}\s*(?:\b{_VERBS}\b|(?:选项|選項)?是?[错錯误誤不])")
_CONJUNCTIONS = re.compile(
    rf"{_CLOSING_MARKS}(?:\s*(?:[/,&+|\u3001和或]|(?:and|or|maybe|possibly|perhaps|even|option|choice)\b))*\s*"
)
_NOT_BUT = re.compile(r"not\b[^.;!?\n]{1,60}?\bbut\s+(?:rather\s+)?")
_CALLED_CORRECT = re.compile(
    rf"(?<!{WORD})(?<!')([a-z]){_CLOSING_MARKS}\s*"
    r"(?:\bis\s+(?:the\s+answer|(?:the\s+)?(?:correct|right|best)"
    r"(?:\s+(?:answer|option|choice|one))?)(?=\s*(?:[.,;!*]|$|\n|because\b|since\b|as\b))"
    r"|(?:选项|選項)?[是が]?(?:正确|正確|正解|正しい|对的))"
)
_CALLED_WRONG = re.compile(
    rf"{_CLOSING_MARKS}\s*(?:\b(?:is|was|would be|could be)\s+"
    r"(?:\w+ly\s+)?(?:not|wrong|incorrect|false)\b"
    r"|\b(?:isn|wasn|doesn|can|couldn)['\u2019]t\b|\bcannot\b|\bdoes not\b)"
)
_OTHER_LETTER_BEFORE = re.compile(
    rf"(?<!{WORD})[a-z]{_CLOSING_MARKS}\s*(?:[,/&]|\b(?:or|and|nor)\b|,\s*(?:or|and)\b)\s*(?:option\s+)?$"
)


def _only_one(letters: Iterable[str]) -> str:
    """The letter, if all of these are one; else empty."""
    distinct = set(letters)
    return distinct.pop() if len(distinct) == 1 else ""


def _is_single_letter(text: str, options: Sequence[str], letters: str) -> bool:
    """Whether a text is the letter of an option, and not the text of one."""
    return len(text) == 1 and text in letters and text not in options


def _letters_with_text(text: str, options: Sequence[str], letters: str) -> list[str]:
    return [letter for letter, option in zip(letters, options, strict=True) if text == option]


def _joined_letter_and_text(text: str, options: Sequence[str], letters: str) -> list[str]:
    """The letter of `b: three`, then the letters that its text stands for; empty if not so."""
    parts = _LETTER_AND_TEXT.fullmatch(text)
    twins = _letters_with_text(bare(parts[2]), options, letters) if parts else []
    return [parts[1], *twins] if parts and twins and parts[1] in letters else []


def _letter_contradicts_text(text: str, options: Sequence[str], letters: str) -> bool:
    """Whether a text joins a letter with the text of another option: `b: two`."""
    letter, *twins = _joined_letter_and_text(text, options, letters) or [""]
    return bool(letter) and letter not in twins


def _letters_of_statement(rest: str, options: Sequence[str], letters: str) -> str:
    """The letter that follows `the answer is`; two of them if it settles on none, or nothing."""
    not_but = _NOT_BUT.match(rest)
    rest = rest[not_but.end() :] if not_but else rest
    named = _NAMED_LETTER.match(rest)
    letter = _matched_letter(named, letters)
    if not named or not letter:
        return _mentioned_option(sentence(rest), options, letters)
    if _PREDICATE.match(rest, named.end()):
        return ""
    joined = _joined_letter_and_text(bare(rest.partition("\n")[0]), options, letters)
    if joined and letter not in joined[1:]:
        return "".join(joined)
    # A letter beside it counts, unless it is the subject of what follows.
    conjunctions = _CONJUNCTIONS.match(rest, named.end())
    second = _NAMED_LETTER.match(rest, conjunctions.end()) if conjunctions else None
    if second and _PREDICATE.match(rest, second.end()):
        return letter
    other = _matched_letter(second, letters)
    return letter if other in ("", letter) else letter + other


def _matched_letter(named: re.Match[str] | None, letters: str) -> str:
    letter = (named[1] or named[2]) if named else ""
    return letter if letter in letters else ""


def _letter_called_correct(text: str, letters: str) -> str:
    called_correct = set()
    for match in _CALLED_CORRECT.finditer(text):
        start = match.start()
        # `A or B is correct` calls two letters correct.
        shared = _OTHER_LETTER_BEFORE.search(text[max(0, start - NEAR) : start])
        if match[1] in letters and not denied(text, start) and not shared:
            called_correct.add(match[1])
    return _only_one(called_correct)


def _letter_at_an_end(text: str, ends: Sequence[str], options: Sequence[str], letters: str) -> str:
    """The letter that opens the text or is joined with its option in the last line."""
    first = _OPENING_LETTER.match(ends[0])
    opens = first and first[1] in letters and not _CALLED_WRONG.match(ends[0], first.end())
    last = bare(_BULLET.sub("", ends[-1], count=1))
    joined = _joined_letter_and_text(last, options, letters)[:1]
    if _letter_contradicts_text(last, options, letters):
        joined = []
    settled = {*([first[1]] if first and opens else []), *joined}
    delimited = set(_DELIMITED_LETTER.findall(text)).intersection(letters)
    return _only_one(settled) if delimited <= settled else ""


def _letter_in_brackets(text: str, letters: str) -> str:
    return _only_one(
        match[1]
        for match in _BRACKETED_LETTER.finditer(text)
        if match[1] in letters
        and not denied(text, match.start())
        and not _CALLED_WRONG.match(text, match.end())
    )


def _mentioned_option(text: str, options: Sequence[str], letters: str) -> str:
    """The letter of the only option whose text occurs as whole words, and is not denied."""
    mentioned = set()
    for letter, option in zip(letters, options, strict=True):
        if not option or option not in text:
            continue
        rest = text
        for longer in options:
            # `dark red` does not name `red`.
            if option in longer and option != longer:
                rest = rest.replace(longer, HIDDEN)
        if _names_option(rest, option):
            mentioned.add(letter)
    return _only_one(mentioned)


def _names_option(text: str, option: str) -> bool:
    before = WORD if re.match(WORD, option) else r"\w"
    after = WORD if re.match(WORD, option[-1]) else r"\w"
    sign = r"(?<![-+/^\u2212])(?<!\d[.,:])" if option[0].isdecimal() else ""
    more = r"(?![.,:/]\d|\^)" if option[-1].isdecimal() else ""
    whole_words = re.compile(rf"(?<!{before}){sign}{re.escape(option)}(?!{after}){more}")
    return any(not denied(text, match.start()) for match in whole_words.finditer(text))


def read_choice(text: str, options: Sequence[str], *, asks_for_letter: bool = False) -> str:
    """The letter of the option that the text settles on, or an empty string.

    Case, white space and Unicode width change nothing.
    """
    letters = LETTERS[: len(options)].lower()
    folded_options = [folded(option) for option in options]
    options = [bare(" ".join(option.split())) for option in folded_options]
    if asks_for_letter:
        options = ["" if option in tuple(letters) else option for option in options]
    text = plain_lines(text, folded_options)
    whole = bare(" ".join(text.split()))
    if _letter_contradicts_text(whole, options, letters):
        return ""
    joined = _joined_letter_and_text(whole, options, letters)
    statements = (_letters_of_statement(rest, options, letters) for rest in stated(text))
    lines = text.split("\n")
    ends = (lines[0], lines[-1])
    # Japanese may end a line with `です`.
    bare_ends = [bare(_BULLET.sub("", bare(line), count=1)).removesuffix("です") for line in ends]
    # The rules in their order; the first one takes two lines.
    letter = (
        (whole if _is_single_letter(whole, options, letters) else "")
        or _only_one([*_letters_with_text(whole, options, letters), *joined[:1]])
        or next(filter(None, statements), "")
        or _letter_called_correct(text, letters)
        or _only_one(end for end in bare_ends if _is_single_letter(end, options, letters))
        or _letter_at_an_end(text, ends, options, letters)
        or _letter_in_brackets(text, letters)
        or _mentioned_option(text, options, letters)
    )
    return letter.upper() if len(letter) == 1 else ""


@dataclass(frozen=True, slots=True)
class StrictChoice:
    """Scores a generated answer; what cannot be read is unparseable, not incorrect."""

    rule: ClassVar[str] = "strict"
    asks_for_letter: bool = False
    """Whether the prompt does."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the text settles on the target."""
        letter = read_choice(answer.text, sample.options, asks_for_letter=self.asks_for_letter)
        return score(sample, letter, correct=letter == sample.target, strict=True)
