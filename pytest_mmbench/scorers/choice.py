"""Reading the chosen option out of a generated text, strictly.

A text that names no option, or several and settles on none, is unreadable. Nothing is guessed:
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

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample, Score
from pytest_mmbench.scorers.phrases import WORD, bare, denied, plain, plain_lines, sentence, stated

HIDDEN: Final = "\0"
"""Stands where a longer option's text stood."""


NEAR: Final = 20
"""Characters before a letter in which another one may be joined to it."""


_OPEN = r"[(\[{*_`'\"$\\\u2018\u201c\u300a\u300c\u300e\u3010]*"


_CLOSE = r"[)\]}*_`'\"$\\\u2019\u201d\u300b\u300d\u300f\u3011]*"


_ALONE = rf"(?!{WORD}|['\u2019]{WORD})"


_SAYS = (
    r"(?:(?:is|was|does|would|could)(?:n['\u2019]t)?|can(?:not|['\u2019]t)"
    r"|shows|says|means|depicts)"
)


_OPENING = re.compile(
    r"[\s(\[*_`'\"]*+(?:(?:option|choice)\s+)?"
    r"([a-z])\s*(?:[.:)\]*\u3001\u3002](?=\s|\*|$)|,?(?=\s+(?:because|since)\b))"
)


_DELIMITED = re.compile(rf"(?<!{WORD})(?<!')([a-z])\s*[.:)\]](?=\s|$)")


_BRACKETED = re.compile(r"[(\[{]\s*([a-z])\s*[)\]}]")


_BULLET = re.compile(r"(?:[-\u2022]\s+|(?:option|choice|letter)\s+|选项|選項|選択肢)+")


_JOINED = re.compile(
    r"([a-z])(?:\s*[.:,)\]}*_\u3001|]+\s*|\s+[-\u2013\u2014]+\s*|(?<![ai])\s+)(\S.*)"
)


_NAMED = re.compile(
    rf"(?:[-*\u2022]\s+)?{_OPEN}(?:([b-hj-z]){_ALONE}"
    rf"|([ai]){_ALONE}(?! (?!because|since|as\b|and\b|or\b|{_SAYS}\b){WORD}))"
)


_GOES_ON = re.compile(rf"{_CLOSE}\s*(?:\b{_SAYS}\b|(?:选项|選項)?是?[错錯误誤不])")


_FURTHER = re.compile(
    rf"{_CLOSE}(?:\s*(?:[/,&+|\u3001和或]|(?:and|or|maybe|possibly|perhaps|even|option|choice)\b))*\s*"
)


_RATHER = re.compile(r"not\b[^.;!?\n]{1,60}?\bbut\s+(?:rather\s+)?")


_CALLED_CORRECT = re.compile(
    rf"(?<!{WORD})(?<!')([a-z]){_CLOSE}\s*"
    r"(?:\bis\s+(?:the\s+answer|(?:the\s+)?(?:correct|right|best)"
    r"(?:\s+(?:answer|option|choice|one))?)(?=\s*(?:[.,;!*]|$|\n|because\b|since\b|as\b))"
    r"|(?:选项|選項)?[是が]?(?:正确|正確|正解|正しい|对的))"
)


_CALLED_WRONG = re.compile(
    rf"{_CLOSE}\s*(?:\b(?:is|was|would be|could be)\s+(?:\w+ly\s+)?(?:not|wrong|incorrect|false)\b"
    r"|\b(?:isn|wasn|doesn|can|couldn)['\u2019]t\b|\bcannot\b|\bdoes not\b)"
)


_ANOTHER = re.compile(
    rf"(?<!{WORD})[a-z]{_CLOSE}\s*(?:[,/&]|\b(?:or|and|nor)\b|,\s*(?:or|and)\b)\s*(?:option\s+)?$"
)


def _only(found: Iterable[str]) -> str:
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else ""


def _whole(said: str, options: Sequence[str], letters: str) -> str:
    return _alone(said, options, letters) or _only(
        _same(said, options, letters) + _joined(said, options, letters)[:1]
    )


def _alone(said: str, options: Sequence[str], letters: str) -> str:
    return said if len(said) == 1 and said in letters and said not in options else ""


def _same(said: str, options: Sequence[str], letters: str) -> list[str]:
    return [at for at, option in zip(letters, options, strict=True) if said == option]


def _joined(said: str, options: Sequence[str], letters: str) -> list[str]:
    """The letter of `b: three`, then the letters that its text stands for; empty if not so."""
    parts = _JOINED.fullmatch(said)
    twins = _same(bare(parts[2]), options, letters) if parts else []
    return [parts[1], *twins] if parts and twins and parts[1] in letters else []


def _contradicts(said: str, options: Sequence[str], letters: str) -> bool:
    letter, *twins = _joined(said, options, letters) or [""]
    return bool(letter) and letter not in twins


def _stated(text: str, options: Sequence[str], letters: str) -> str:
    readings = (_after_statement(rest, options, letters) for rest in stated(text))
    return next((reading for reading in readings if reading), "")


def _after_statement(rest: str, options: Sequence[str], letters: str) -> str:
    rather = _RATHER.match(rest)
    rest = rest[rather.end() :] if rather else rest
    named = _NAMED.match(rest)
    letter = _letter(named, letters)
    if not named or not letter:
        return _mentioned(sentence(rest), options, letters)
    if _GOES_ON.match(rest, named.end()):
        return ""
    joined = _joined(bare(rest.partition("\n")[0]), options, letters)
    if joined and letter not in joined[1:]:
        return "".join(joined)
    other = _further(rest, named.end(), letters)
    return letter if other in ("", letter) else letter + other


def _further(rest: str, at: int, letters: str) -> str:
    """The letter that is named beside another one; empty if it is the subject of what follows."""
    further = _FURTHER.match(rest, at)
    other = _NAMED.match(rest, further.end()) if further else None
    return "" if other and _GOES_ON.match(rest, other.end()) else _letter(other, letters)


def _letter(named: re.Match[str] | None, letters: str) -> str:
    letter = (named[1] or named[2]) if named else ""
    return letter if letter in letters else ""


def _called_correct(text: str, letters: str) -> str:
    return _only(
        found[1]
        for found in _CALLED_CORRECT.finditer(text)
        if found[1] in letters and not denied(text, found.start()) and not _shared(text, found)
    )


def _shared(text: str, found: re.Match[str]) -> bool:
    """Whether another letter is called the same: `A or B is correct`."""
    at = found.start()
    return _ANOTHER.search(text[max(0, at - NEAR) : at]) is not None


def _on_a_line(lines: Sequence[str], options: Sequence[str], letters: str) -> str:
    bares = (bare(_BULLET.sub("", bare(line), count=1)).removesuffix("です") for line in lines)
    return _only(filter(None, (_alone(each, options, letters) for each in bares)))


def _opening(text: str, ends: Sequence[str], options: Sequence[str], letters: str) -> str:
    """The letter that opens the text or is joined with its option in the last line."""
    first = _OPENING.match(ends[0])
    opens = first and first[1] in letters and not _CALLED_WRONG.match(ends[0], first.end())
    last = bare(_BULLET.sub("", ends[-1], count=1))
    joined = [] if _contradicts(last, options, letters) else _joined(last, options, letters)[:1]
    found = {*([first[1]] if first and opens else []), *joined}
    others = (each for each in _DELIMITED.findall(text) if each in letters and each not in found)
    return _only(found) if next(others, "") == "" else ""


def _bracketed(text: str, letters: str) -> str:
    return _only(
        found[1]
        for found in _BRACKETED.finditer(text)
        if found[1] in letters
        and not denied(text, found.start())
        and not _CALLED_WRONG.match(text, found.end())
    )


def _mentioned(text: str, options: Sequence[str], letters: str) -> str:
    return _only(
        at
        for at, option in zip(letters, options, strict=True)
        if option and option in text and _names(_without_longer(text, option, options), option)
    )


def _without_longer(text: str, option: str, options: Sequence[str]) -> str:
    """The text without the options that hold this one: `dark red` does not name `red`."""
    for longer in options:
        text = text.replace(longer, HIDDEN) if option in longer and option != longer else text
    return text


def _names(text: str, option: str) -> bool:
    before = WORD if re.match(WORD, option) else r"\w"
    after = WORD if re.match(WORD, option[-1]) else r"\w"
    sign = r"(?<![-+/^\u2212])(?<!\d[.,:])" if option[0].isdecimal() else ""
    more = r"(?![.,:/]\d|\^)" if option[-1].isdecimal() else ""
    whole_words = re.compile(rf"(?<!{before}){sign}{re.escape(option)}(?!{after}){more}")
    return any(not denied(text, found.start()) for found in whole_words.finditer(text))


def read_choice(text: str, options: Sequence[str], *, lettered: bool = False) -> str:
    """The letter of the option that the text settles on, or an empty string.

    Case, white space and Unicode width change nothing.

    Args:
        text: what was said.
        options: their texts.
        lettered: whether a letter was asked for.
    """
    letters = LETTERS[: len(options)].lower()
    texts = [bare(plain(option)) for option in options]
    if lettered:
        texts = ["" if each in tuple(letters) else each for each in texts]
    said = plain_lines(text)
    whole = bare(" ".join(said.split()))
    if _contradicts(whole, texts, letters):
        return ""
    lines = said.split("\n")
    ends = (lines[0], lines[-1])
    found = (
        _whole(whole, texts, letters)
        or _stated(said, texts, letters)
        or _called_correct(said, letters)
        or _on_a_line(ends, texts, letters)
        or _opening(said, ends, texts, letters)
        or _bracketed(said, letters)
        or _mentioned(said, texts, letters)
    )
    return found.upper() if len(found) == 1 else ""


@dataclass(frozen=True, slots=True)
class StrictChoice:
    """Scores a generated answer; what cannot be read is unreadable, not wrong."""

    rule: ClassVar[str] = "strict"
    lettered: bool = False
    """Whether the wording asks for a letter."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text settles on the target."""
        chosen = read_choice(answer.text, sample.options, lettered=self.lettered)
        right = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=right if chosen else Mark.UNPARSEABLE, answer=chosen)
