"""Where a text mentions an option: by its letter, by its own text, or by both side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Final

from pytest_mmbench.records import LETTERS
from pytest_mmbench.scorers.markup import ARTICLE, RAISED, UNITS, compact, value, without_markup
from pytest_mmbench.scorers.phrases import WORD, called_wrong, denied, folded

_VERBS: Final = r"(?:is|was|are|has|does|would|could|can|shows|matches|fits|seems|appears|looks)\b"
_AND_LETTER: Final = rf"(?:(?:and|or|nor|/|&)\s*\W?[a-z](?!{WORD})|(?:and|but|while)\b)"
_MENTIONED_LETTER = re.compile(
    r"[(\[{]\s*(?:(?:option|choice|answer|letter)\s+)?([a-z])\s*[)\]}]"
    r"|\b(?:option|choice|选项|選項)\s+[\"'\u201c\u2018(]?([a-z])"
    rf"(?!{WORD}|['\u2019]{WORD})[\"'\u201d\u2019)]?"
    r"|[\"\u201c]([a-z])[\"\u201d]"
    rf"|(?<!{WORD})(?<!['\u2019=+*/^\u00d7·°<>√-])(?<![=+*/^\u00d7·<>-]\s)"
    # `I.e.` and `D.C.` name no option.
    r"(?<![a-z]\.)(?:([b-hj-z])(?!\.[a-z]\b)"
    rf"|([ai])(?=\s*(?:$|[.,;:!?)]|{_VERBS}|{_AND_LETTER})))"
    rf"(?!{WORD}|['\u2019]{WORD}|\s*[=+*/^\u00d7·<>√°(_-]|\s*\d)"
)
_GOVERNED = re.compile(
    r"(?:(?:\bthan|\bunlike|\bcompar(?:ed|ing)(?: (?:to|with))?"
    r"|\b(?:similar|close[rs]?t?|opposed) to|\bdifferent from|\bmatch(?:es)? with)(?: \w+){0,4}?"
    r"|\bwhereas|\bwhile)(?: the)?[\s(\"']*$"
)
_BOUND = re.compile(
    r"(?:\b(?:more|less|fewer|greater|larger|smaller|higher|lower|other|bigger|older|younger) than"
    r"|\bat (?:least|most)|\b(?:over|under|above|below|up to|nearly|almost)|[<>\u2264\u2265])"
    r"(?: or equal to)?(?: the)?[\s(\"']*$"
)
_OR_MORE = re.compile(r"\s*(?:or (?:more|less|fewer|so|higher|lower|over|under|above|below)\b|\+)")
_OR_ELSE = re.compile(r",?\s+or\s+(?!(?:rather|option|choice|letter|in other words)\b)\w")
_QUALIFIED = re.compile(
    r"\b(?!(?:the|an?|is|are|was|be|on|at|to|of|in|its|his|her|from|towards?|facing|only|option"
    r"|shows?|say|choose|pick|answer|as|or|and|but|not|nor|than|it|s|by|with|for|because|that"
    r"|\w+ly)\b)[a-z]{2,}\s\Z"
)
_COUNT_WORDS: Final = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_COUNTS: Final = {"zero": 0} | dict(zip(_COUNT_WORDS.split(), range(2, 21), strict=True))
"""Without one, which is a pronoun as well."""
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b(?!-)")
_NO_UNIT = re.compile(
    r"or(?:more|less|fewer|so|over|above)|(?:is|are|was|were)(?:not|n['\u2019])|not(?!e)"
)
_LISTED = re.compile(r"\W*(?:(?:and|or|nor|option|choice|the|an?)\b\W*){0,3}")
_DRAWN = re.compile(r"(?:\u2220\s?|\b(?:angle|side|vertex|edge|segment|arc|triangle)\s)$")
_BETWEEN = re.compile(
    r"[\s,:.(\[\"'\u201c*\u2013\u2014-]*(?:which is|i\.e\.,?|or|namely|=)?[\s(\[\"'\u201c*:]*"
)
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"\d+|[^\W\d]+|[^\w\s]")
NEAR: Final = 60
"""Characters before a mention in which it may be set against another."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One option that a text mentions."""

    start: int
    end: int
    letter: str
    """A small letter, which may lie beyond the options."""
    by_text: bool
    is_number: bool = False


@dataclass(frozen=True)
class Options:
    """The options of a question in the plain form in which texts are read."""

    texts: tuple[str, ...]
    """Empty for an option that is nothing but a letter: a letter means the lettered option."""

    @cached_property
    def letters(self) -> str:
        """Small ones."""
        return LETTERS[: len(self.texts)].lower()

    @cached_property
    def keys(self) -> dict[str, str]:
        """The letters of each text, more than one for twins."""
        keys: dict[str, str] = {}
        for letter, text in zip(self.letters, self.texts, strict=False):
            if key := compact(text):
                keys[key] = keys.get(key, "") + letter
        return keys

    @cached_property
    def values(self) -> list[tuple[str, tuple[Fraction, str]]]:
        """Letters with numbers and units, of the options that are such."""
        return [(letters, each) for key, letters in self.keys.items() if (each := value(key))]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches any option's text as whole words, the longest that stands there."""
        texts = sorted(
            set(filter(None, (ARTICLE.sub("", text) for text in self.texts))), key=len, reverse=True
        )
        return re.compile("|".join(map(_words, texts)) or r"(?!)")

    def in_digits(self, text: str) -> str:
        """`There are four` as `there are 4`, if options are whole numbers and it has no digits."""
        words = {word for text in self.texts for word in text.split()}
        if _DIGIT.search(text) or not any(map(str.isdecimal, self.texts)) or words & {*_COUNTS}:
            return text
        return _COUNT.sub(lambda match: str(_COUNTS[match[0]]), text)

    @cached_property
    def tails(self) -> set[str]:
        """Letters of options that another one ends with, as `top right` ends with `right`."""
        return {
            letter
            for letter, text in zip(self.letters, self.texts, strict=False)
            if text and any(other.endswith(f" {text}") for other in self.texts)
        }

    def exactly(self, text: str) -> str:
        """The letters of the option that a text is, word for word or in value; empty if none."""
        key = compact(text)
        if letters := self.keys.get(key, ""):
            return letters
        left, _, right = key.rpartition("=")
        # `D, not D = 7` is no equation.
        right = key if "," in left or left.startswith("not") else right
        if right != key and right in self.keys:
            return self.keys[right]
        number = value(right) if len(right) < NEAR else None
        if number and _NO_UNIT.match(number[1]):
            return ""
        if not number:
            units = [each for each in self.keys if right and each.startswith(right)]
            units = [each for each in units if UNITS.fullmatch(each, len(right))]
            return self.keys[units[0]] if len(units) == 1 else ""
        equal = [
            letters
            for letters, other in self.values
            # Units count where both have one.
            if number[0] == other[0] and (number[1] == other[1] or not (number[1] and other[1]))
        ]
        return equal[0] if len(equal) == 1 else ""

    def mentions(self, text: str) -> list[Mention]:
        """Options that a sentence mentions and does not deny, in their order.

        A letter and a text side by side are one mention if they name the same option, or if the
        letter lies beyond the options; else they are two, and the sentence settles on neither.
        """
        by_text = [
            Mention(match.start(), match.end(), letter, by_text=True, is_number=bool(value(key)))
            for match in self.pattern.finditer(text)
            for key in (compact(match[0]),)
            for letter in self.keys.get(key, "")
            # `Upper right` is not `right` where there is a `top right`.
            if letter not in self.tails
            or not _QUALIFIED.search(text[max(0, match.start() - NEAR) : match.start()])
        ]
        covered = [(each.start, each.end) for each in by_text]
        by_letter = [
            Mention(match.start(), match.end(), next(filter(None, match.groups())), by_text=False)
            for match in _MENTIONED_LETTER.finditer(text)
            if not any(start < match.end() and match.start() < end for start, end in covered)
        ]
        in_order = sorted([*by_text, *by_letter], key=attrgetter("start"))
        mentions = _affirmed(
            _joined(in_order, text, self.letters), text, letters_name_options=not all(self.texts)
        )
        return [each for each in mentions if each.letter in self.letters]

    def concluded(self, text: str, *, opening: int = 0) -> str:
        """The letters of the options that a sentence speaks of, but for such as it compares with.

        `The third (C) is most similar to the first (A)` speaks of C. A number that is followed by
        another one, which is no option, is not spoken of unless it stands within the opening
        characters: `from 12 we get 13` does not say 12.
        """
        mentions = self.mentions(text)
        others = self.pattern.sub(lambda match: "-" * len(match[0]), text)
        mentions = [
            each
            for each in mentions
            if each.start < opening or not (each.is_number and _DIGIT.search(others, each.end))
        ]
        subjects = [
            each
            for each in mentions
            if not _GOVERNED.search(text[max(0, each.start - NEAR) : each.start])
        ]
        letters = {each.letter for each in subjects or mentions}
        # `A horse or something else` is not settled either.
        if len(letters) == 1 and any(
            each.by_text and _OR_ELSE.match(text, each.end) for each in subjects or mentions
        ):
            return ""
        return "".join(sorted(letters))


def _affirmed(
    mentions: Sequence[Mention], text: str, *, letters_name_options: bool
) -> list[Mention]:
    """Those that are neither denied nor something else than an option.

    What is denied of the first of a list is denied of all: `not A, B or C`. More than 4, and 4 or
    more, are not 4. And `angle B is 90\u00b0` names an angle, unless options are such letters.
    """
    affirmed: list[Mention] = []
    last: Mention | None = None
    for each in mentions:
        listed = last is not None and _LISTED.fullmatch(text, last.end, each.start)
        if listed or denied(text, each.start) or called_wrong(text, each.end):
            last = each
            continue
        last = None
        before = text[max(0, each.start - NEAR) : each.start]
        is_drawn = not (each.by_text or letters_name_options) and _DRAWN.search(before)
        is_bound = each.is_number and (_BOUND.search(before) or _OR_MORE.match(text, each.end))
        if not is_drawn and not is_bound:
            affirmed.append(each)
    return affirmed


def _joined(mentions: Sequence[Mention], text: str, letters: str) -> list[Mention]:
    """The same without letters beside their own text, or beside a text and beyond the options."""
    joined: list[Mention] = []
    for each in mentions:
        last = joined[-1] if joined else each
        if last.by_text != each.by_text and _BETWEEN.fullmatch(text, last.end, each.start):
            own, letter = (last, each.letter) if last.by_text else (each, last.letter)
            if letter == own.letter or letter not in letters:
                joined[-1] = Mention(last.start, each.end, own.letter, by_text=True)
                continue
        joined.append(each)
    return joined


def _words(option: str) -> str:
    """A pattern for a text as whole words, in which blanks do not count beside signs and digits."""
    tokens = _TOKEN.findall(option)
    pattern = ""
    for left, right in zip(["", *tokens], tokens, strict=False):
        words = bool(left) and left[-1].isalpha() and right[0].isalpha()
        pattern += ((r"\s+" if words else r"\s*") if left else "") + re.escape(right)
    before = WORD if re.match(WORD, option) else r"\w"
    after = WORD if re.match(WORD, option[-1]) else r"\w"
    # A number or a term is no part of a longer one.
    sign = more = ""
    if not re.match(r"[^\W\d_]{2}|[^\w(√-]", option):
        sign = r"(?<![-+/^\u2212\u00d7·√=<>])(?<![\d\w√/^·][.,:(])(?<![\d√+\u00d7·/^*<>-]\s)"
    if not re.search(r"[^\W\d_]{2}$", option):
        more = r"(?![.,:/]\d|\^|\s*\)?\s*[/\u00d7·+√π*^=<>])"
    return rf"(?<!{before}){sign}{pattern}(?!{after}){more}"


@lru_cache(maxsize=512)
def known(options: tuple[str, ...]) -> Options:
    """The options of a question; many answers may be read beside the same ones."""
    texts = (
        without_markup(" ".join(folded(text.translate(RAISED)).split())).strip() for text in options
    )
    letters = tuple(LETTERS.lower()[: max(len(options), 1)])
    return Options(tuple("" if compact(text) in letters else text.strip(" .") for text in texts))
