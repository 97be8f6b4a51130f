"""Which number a text gives as its answer.

A text that is one number, with a unit or without, says it. Else the last statement that holds a
number decides (`the answer is 12`, `Answer: 3 + 4 = 7`, a box; see `phrases.stated`), and of a text
without one the end: its last line, if that is a number, or the last sentence that gives a result
(see `number_sentence.results`). Such a sentence has to conclude something (`so`, `in total`, an
equation) or to be the only one with a number, or else a first line that is a number decides.

Nothing is read if that sentence gives several numbers, if the text ends with a refusal, with a
conclusion that is no number, or in the middle of a sentence that has none.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_mmbench.scorers.number_sentence import boxed_number, results
from pytest_mmbench.scorers.numerals import NUMBER, numbers_in, prepared
from pytest_mmbench.scorers.phrases import SENTENCE, bare, braced, correction, sentence, stated

_SAYS = re.compile(
    r"(?:\b(?:is|be|was|likely|probably|clearly|definitely|certainly|therefore|thus|the)"
    r"|[:=>\u662f\u4e3a\u70ba\u306f])[\s*_]*\Z"
)
_DIGIT = re.compile(r"\d")
_FIELD = re.compile(
    r"[{,]\s*[\"'](?:final[_ ]?)?(?:answer|result|count|value|number)[\"']\s*:"
    r"\s*([\"'][^\"'\n]*[\"']|[^\s,}\"']+)"
)
"""An entry of JSON; beside it may stand how sure the model is."""
_BLANK_GROUPS = re.compile(r"\W*\d{1,3}(?: \d{3})+(?:\.\d+)?\W*")
_BOX = re.compile(r"\\boxed\s*\{\s*\Z")
_EQUALS = re.compile(r"[\s}$\\)\]]*=")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|[;\n\u3002]")
_LIST_MARK = re.compile(r"^[^\w\n]*+(\d{1,2})[.):][*_]*\s++(?=\S)", re.MULTILINE)
_ALONE = re.compile(
    rf"[^\w.+\n<>\u2264\u2265-]*+(?:[a-z]\w?\s?=[^\w.+\n-]*+)?{NUMBER}(?:[^\w+*/\n.:-]|\*\*)*+"
    r"(?:(?:(?<!\\)[^\W\d]++(?!/)|[a-z]++/[a-z]++)(?:[^\w+*/\n.:-]|\*\*)*+){0,2}[^\w+/\n-]*+"
)
_CONCLUSION = re.compile(
    r"\W*(?:(?:so|therefore|thus|hence|consequently|accordingly|finally|altogether|overall"
    r"|in (?:total|all|conclusion|summary)|as a result|th(?:is|at) means|this gives"
    r"|we (?:get|find|conclude)|\\therefore)\b|[\u2234\u56e0\u6240])"
)
_QUANTITY = re.compile(
    r"\b(?:number of|minimum|maximum|total|sum|difference|gap|average|mean|result|value)\b"
)
_RESULT = re.compile(
    rf"=|{_QUANTITY.pattern}|\b(?:altogether|left|remaining|remains?|therefore|thus|hence|so"
    r"|we (?:find|see|get|have|need))\b"
)
_REFUSAL = re.compile(
    r"\b(?:can ?not|can['\u2019]t|could not)\sbe\s(?:\w+ly\s)?"
    r"(?:determined|answered|calculated|computed|known|identified|inferred)"
    r"|(?:\b(?:i|we|you)\s(?:can ?not|can['\u2019]t|could not)"
    r"|\bunable to|\bimpossible to|\bnot possible to)"
    r"\s(?:\w+ly\s)?(?:determine|answer|tell|calculate|provide|give|count|see|find|compute|say)"
    r"|\b(?:this|that|it|which) is (?:not |im)possible\b|\binsufficient\b"
    r"|\bnot (?:enough|sufficient|provided|specified)\b"
    r"|\bno (?:information|way|solution|such|answer)\b"
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{\w+\*?\}|^[^\w\n]+$", re.MULTILINE)
_EXPRESSION = re.compile(r"(?=\D*\d)(?:\\[a-z]+|[a-z]{1,2}(?![a-z])|[^a-z])+")
_BREAKS_OFF = re.compile(
    r"(?:\b(?:and|or|the|an?|of|to|in|with|is|are|by|plus|minus)|[,=+*/<(-])\Z"
)
_COMPLETE = re.compile(r"[^\w\s,:=+<-]\s*\Z")
SENTENCES: Final = 40
"""That are looked at, from either end of a text."""
FEW: Final = 5
"""Sentences of a text that may open with its answer."""
SHORT: Final = 3
"""Words of a last line that is an answer by itself, and no number."""


def read_number(text: str) -> str:
    """The number as `fractions.Fraction` takes it, such as `-1234.5` or `3/4`; empty if none.

    Case, Unicode width and white space at either end change nothing.
    """
    text = prepared(text)
    if _BLANK_GROUPS.fullmatch(text):
        text = text.replace(" ", "")
    if _ALONE.fullmatch(text):
        return _only(numbers_in(text))
    if field := _FIELD.search(text):
        return _only(boxed_number(field[1]))
    after = correction(text)
    # What takes back a number without giving another one leaves none.
    return _read(after) if _DIGIT.search(after) else _read(text)


def _read(text: str) -> str:
    """The number of a text that is more than a number, and takes nothing back."""
    if _ALONE.fullmatch(text):
        return _only(numbers_in(text))
    for rest in stated(text):
        numbers = _stated_numbers(text, rest)
        if numbers is not None:
            return _only(numbers)
    text = _ENVIRONMENT.sub("", text).strip()
    first_line, last_line = text.partition("\n")[0], text.rpartition("\n")[2]
    if _ALONE.fullmatch(last_line):
        # Two lines that are different numbers settle on none.
        ends = [line for line in (first_line, last_line) if _ALONE.fullmatch(line)]
        return _only(numbers_in(" ; ".join(ends)))
    if _BREAKS_OFF.search(last_line):
        return ""
    if len(last_line) < len(text) and len(last_line.split()) <= SHORT and not results(last_line):
        return ""
    return _only(_concluded_numbers(text))


def _only(numbers: list[str]) -> str:
    return numbers[0] if len(numbers) == 1 else ""


def _stated_numbers(text: str, rest: str) -> list[str] | None:
    """The numbers of a statement; `None` if it states nothing."""
    start = len(text) - len(rest)
    before = text[max(0, start - 30) : start]
    if _BOX.search(before):
        content, after = braced(rest)
        if not bare(content):
            return None
        equal = _EQUALS.match(after)
        return results(sentence(after[equal.end() :])) if equal else boxed_number(content)
    statement = sentence(rest)
    if len(bare(statement)) == 1 and bare(statement).isalpha():
        return []
    numbers = results(statement)
    return numbers if numbers and (_SAYS.search(before) or _ALONE.match(statement)) else None


def _concluded_numbers(text: str) -> list[str]:
    """The numbers of the last sentence that gives any; none if the text does not end with it."""
    if "1" in (match[1] for match in _LIST_MARK.finditer(text)):
        text = _LIST_MARK.sub("", text)
    sentences = [part for part in _SENTENCE_END.split(text) if bare(part) and part[-1] != "?"]
    openings = ((part, results(part[:SENTENCE])) for part in sentences[:SENTENCES])
    opening, first = next((each for each in openings if each[1]), ("", []))
    opens = _ALONE.fullmatch(opening) is not None
    # An answer, and then a few words of how it came about.
    explains = opening in sentences[:2] and len(sentences) <= FEW and _QUANTITY.search(opening)
    for part in reversed(sentences[-SENTENCES:]):
        if len(part) > SENTENCE or _REFUSAL.search(part):
            return []
        numbers = results(part)
        concludes = _CONCLUSION.match(part) is not None
        if numbers:
            last = part is sentences[-1] and _ALONE.fullmatch(part)
            derives = concludes or last or "=" in text or _RESULT.search(part)
            if numbers == first or (derives and not opens):
                return numbers
            return first if not derives and (opens or explains) else []
        breaks_off = part is sentences[-1] and not _COMPLETE.search(part)
        if (
            concludes
            or "=" in part
            or _EXPRESSION.fullmatch(part)
            or (breaks_off and len(sentences) > 1)
        ):
            return []
    return []
