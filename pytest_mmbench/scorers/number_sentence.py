"""Which number one sentence gives as its result.

Of several numbers some only say what is counted or computed, and are left out: what something is
compared with (`lower than 8`, `out of 10`), years, numbers of figures and steps. Of the rest the
one counts that stands behind the last sign of an equation, or behind the verb (`the difference
between 7 and 3 is 4`), if whatever follows it is subordinate (`there are 4 left after taking 3`).
Numbers side by side (`3 or 4`, `a = 5, b = 3`) give no result.
"""

from __future__ import annotations

import re

from pytest_mmbench.scorers.numerals import NUMBER, numbers_in

_N = rf"[$£€\\({{*\s]*{NUMBER}"
_OPERAND = re.compile(
    rf"(?:\b(?:\w{{2,12}}er|more|less) than(?: or equal to)?|\b(?:rather|other) than|\binstead of"
    r"|\b(?:above|below|over|under|exceed(?:s|ing)?)"
    r"|(?<!made )\bout of(?: the| these| all)?(?: total)?"
    rf"|(?<=\d) of(?: the| these| those| all)?|\bof (?:the|these|those|all)|[<>≤≥]|\\[gl]eq?\b)"
    rf"(?:\s(?:about|exactly|only|the))?{_N}"
    rf"|\b(?:between|from){_N}[^\d,;=]{{0,12}}\b(?:and|to|through)\b{_N}"
    rf"|\bfrom{_N}\s?-{_N}"
)
_CONTEXT = re.compile(
    # Years.
    r"\b(?:in|since|by|until|from|during|year|of|around|after|before|for|to|and)\s"
    r"(?:the year |early |late )?(?:1[5-9]|20)\d\d(?![\d.,]\d|\s?%)"
    # Names of parts.
    r"|\b(?:step|fig(?:ure|\.)?|image|picture|table|option|case|part|eq(?:uation|\.)?|question"
    r"|problem|example|page|section|method)s?\s?[#(]?\d++(?!\.\d|\s?=)\)?"
    r"(?:\s?(?:,|and|or)\s?\d++(?!\.\d))*+|(?<![\w&])#\d++"
    # Sizes of grids.
    r"|(?<!\d )\b\d++\W{0,2}(?:x|\u00d7|\\times|by)\W{0,2}\d++(?=[\s$]{0,3}[a-z]{3})"
    # What things are like: `a 5-step staircase`.
    r"|\b\d++-(?=[a-z]{3})"
    r"|\b\d++\s(?:decimals?|significant)\b"
    # What was counted before.
    r"|\b(?:the|these|those|both|first|last|next|each|every|other)\s\d++(?=\s[a-z]{3})"
)
_CONCLUDES = re.compile(
    r"\b(?:so(?! (?:that|far|much|many)\b)|then|thus|hence|therefore|consequently"
    r"|which (?:means|gives|makes|leaves|equals|implies|is(?=[^,=]{1,40}=))"
    r"|gives us|giving|forcing|leaving|yielding|implying"
    r"|(?:for|making|giving) a total of|\\(?:therefore|implies|rightarrow))\b"
)
_CLAUSES = re.compile(rf",(?!\d)|\b(?:and|or)\b|{_CONCLUDES.pattern}")
_SUBORDINATE_OPENINGS = re.compile(
    r"\W*(?:(?:(?:and|now|finally|,)\s)*(?:if|since|because|when|as|given|after|for|with|in|of|from"
    r"|by|out of|among|while|although|at|on|to|using|adding|based)\b[^,]*,(?!\d)\s*)+"
)
_VERB = (
    r"\b(?:is|are|was|were|be|been|equals?|equal to|has|have|had|gets?|got|gives?|yields?|leaves?"
    r"|needs?|contains?|takes?|costs?|weighs?|measures?|counts?|counted|totals?|totaling|remains?"
    r"|becomes?|reach(?:es)?|sold|ate|finds?|found|sees?|obtains?|results? in|total of)\b"
)
_ADVERBS = (
    r"(?:\s(?:\w{3,14}ly|only|about|around|just|at least|at most|equal to|a total of|to be"
    r"|the number|also|still|now|an? \w{3,12} of))*"
)
_PREDICATE = re.compile(
    rf"(?:(?<!that )(?<!which )(?<!who ){_VERB}{_ADVERBS}|:)[\s$£€\\({{*]*(?P<number>{NUMBER})"
)
_SUBORDINATE = re.compile(
    r"\b(?:after|when|if|since|because|as|with|that|which|who|whose|for|from|on|in|at|by|of|than"
    r"|per|using|where|while|without|given|among|between|before|during|through|to(?= [a-z]))\b|:"
)
_BESIDE = re.compile(
    r"(?:\b(?:and|or|plus|minus|times)\b|[,&/+*\u00d7-]|\bx\b|\\times|\\cdot)\W*(?:\w+\s)?$|\bto\W*$"
)
_JOINED = re.compile(r"\b(?:and|or|but|while)\b")
_STARTS = re.compile(rf"[^\w.+-]*(?P<number>{NUMBER})")
_NO_MORE = re.compile(
    r"[^\w+*/^-]*(?:[-+*/^\u00d7]|\\(?:times|cdot|div|left|pm)\b)\s*[\w(\\]|\s?\(|[^\w+/=]*[+/=]\W*$"
)
_NEXT_NUMBER = re.compile(NUMBER)
_DIGIT = re.compile(r"\d")
# `There are 3 solutions of x^2 = 9`.
_OF_EQUATION = re.compile(r"[$\s)}*]*[a-z][a-z ]*\b(?:to|of|for|with|where|when|in)\b")
_EXPRESSION = re.compile(r"[\\+*/^]")
CONFLICT = ["", ""]
"""Numbers of which none is the result."""


def results(sentence: str) -> list[str]:
    """The numbers that a sentence of a prepared text gives: one, none, or several."""
    for conclusion in reversed(list(_CONCLUDES.finditer(sentence))):
        if _DIGIT.search(sentence, conclusion.end()):
            sentence = sentence[conclusion.end() :]
            break
    sentence = _OPERAND.sub(" ", sentence)
    if "=" in sentence:
        return _equated(sentence)
    numbers = numbers_in(sentence)
    if "" in numbers or not numbers:
        return numbers
    without_context = _CONTEXT.sub(" ", sentence)
    numbers = numbers_in(without_context)
    return numbers if len(numbers) <= 1 else _predicated(without_context)


def _equated(sentence: str) -> list[str]:
    """What is computed and named, or else the only number that is there."""
    opening = _SUBORDINATE_OPENINGS.match(sentence)
    if opening and "=" in sentence[opening.end() :]:
        sentence = sentence[opening.end() :]
    computed: list[str] = []
    named: list[str] = []
    others: list[str] = []
    for clause in _CLAUSES.split(sentence):
        left, equals, right = clause.rpartition("=")
        counted = _PREDICATE.search(left)
        if counted and _OF_EQUATION.match(left, counted.end()):
            others += numbers_in(counted["number"])
        elif equals:
            (computed if _DIGIT.search(left) else named).extend(_right_side(right))
        else:
            others += numbers_in(clause)
    values = [*computed, *named] if computed else [*named, *others]
    return values[:1] if len(set(values)) <= 1 else CONFLICT


def _right_side(right: str) -> list[str]:
    number = _STARTS.match(right)
    if number and not _NO_MORE.match(right, number.end()) and "" not in numbers_in(right):
        return numbers_in(number["number"])
    return CONFLICT if _DIGIT.search(right) or _EXPRESSION.search(right) else []


def boxed_number(content: str) -> list[str]:
    """The number that a box holds, and nothing else but a unit."""
    numbers = numbers_in(content.rpartition("=")[2])
    return _right_side(content.rpartition("=")[2]) if len(numbers) == 1 else numbers


def _predicated(sentence: str) -> list[str]:
    """What stands behind the verb, or opens the sentence, if the rest is subordinate to it."""
    opening = _SUBORDINATE_OPENINGS.match(sentence)
    sentence = sentence[opening.end() :] if opening else sentence
    numbers = numbers_in(sentence)
    if len(numbers) <= 1:
        return numbers
    first = _PREDICATE.search(sentence) or _STARTS.match(sentence)
    if not first:
        return CONFLICT
    following = _NEXT_NUMBER.search(sentence, first.end())
    between = sentence[first.end() : following.start()] if following else "of"
    if not _SUBORDINATE.search(between) or _BESIDE.search(between) or _JOINED.search(between):
        return CONFLICT
    return numbers_in(first["number"])
