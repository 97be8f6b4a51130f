"""Reading the chosen option out of a generated text, strictly.

A text that names no option, or several and settles on none, is unparseable. Nothing is guessed:
a model cannot gain by talking around the question. Markup is taken away first (`markup`), and what
a model invents after its answer (`Question: ...`) is not read. The first rule that gives one option
wins:

1. The whole text is a letter, an option's text or value, or both joined (`B`, `(b)`, `B: three`).
2. It says what the answer is (`the answer is C`, `**Answer:** three`, a box); the last such
   statement that says anything counts, and one that names two letters settles on none. Nor does
   one that goes on to say something of the letter (`answer B is wrong`).
3. Exactly one letter is called correct (`Option B is correct.`).
4. Its first or last line is a letter, an option's text, or both joined.
5. It opens with a letter and a delimiter (`B. Because ...`), and no other letter has one.
6. Its conclusion speaks of one option, by letter or text: the last sentence that begins with
   `so`, `thus` or the like, else the last sentence, else the first.
7. Exactly one letter stands in brackets, and is not denied there.

A box, or a number that is stated, which is the value of no option is an answer all the same, and a
wrong one. `None of the options match` ends the reading after rule 4, and
means the option that says so itself, if there is one. An `a` before a word is an
article, not an option, whatever its case. Options may be letters themselves, as those of diagrams
are: a letter means the option that is lettered so, and never the text of another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.markup import LONGEST, RAISED, compact, value, without_markup
from pytest_mmbench.scorers.mentions import Options, known
from pytest_mmbench.scorers.phrases import (
    BOX,
    END,
    TEMPTED,
    WORD,
    bare,
    called_wrong,
    correction,
    denied,
    folded,
    plain_lines,
    sentence,
    stated,
)

OPENING: Final = 12
"""Characters of a statement in which a number is the answer, whatever numbers explain it."""
NEAR: Final = 20
"""Characters before a letter in which another one may be joined to it."""
TAIL: Final = 3000
"""Characters at the end of a text, and at its beginning, in which it may conclude."""
LONG: Final = 100_000
"""Characters. Of a longer text the middle is not read."""
SHOWN: Final = 40
"""Characters that are kept of an answer that is no option."""
_OPENING_MARKS = r"[(\[{*_`'\"$\\\u2018\u201c\u300a\u300c\u300e\u3010]*"
_ENDS: Final = ".!?)]\"'\u201d\u2019。\uff09\u300d\u300f" + END
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
_BULLET = re.compile(
    r"\A(?:(?:[-=]>|[\u2192\u21d2])\s*|[-\u2022]\s+|(?:option|choice|letter)\s+|选项|選項|選択肢)+"
)
_LETTER_AND_TEXT = re.compile(
    r"([a-z])(?:\s*[.:,)\]}*_\u3001|]+\s*|\s+[-\u2013\u2014]+\s*|(?<![ai])\s+)(\S.*)"
)
_LETTER_AND_NUMBER = re.compile(r"([a-z])(\d.*)")
_NAMED_LETTER = re.compile(
    rf"(?:[-*\u2022]\s+)?{_OPENING_MARKS}(?:([b-hj-z]){_NO_WORD_FOLLOWS}"
    rf"|([ai]){_NO_WORD_FOLLOWS}(?! (?!because|since|as\b|and\b|or\b|{_VERBS}\b){WORD}))"
)
_PREDICATE = re.compile(rf"{_CLOSING_MARKS}\s*(?:\b{_VERBS}\b|(?:选项|選項)?是?[错錯误誤不])")
_CONJUNCTIONS = re.compile(
    rf"{_CLOSING_MARKS}((?:\s*(?:[/,&+|\u3001和或]|(?:and|or|maybe|possibly|perhaps|even|option|choice)\b))*)"
    r"\s*(?=([(\[{]?))"
)
_BOXED_LETTER = re.compile(r"[(\[]?\s*([a-z])\s*(?:[)\].:]|$)")
_NONE = re.compile(
    r"\bnone of (?:the|these|those)\b|\bno (?:option|choice)s? (?:given |listed |provided )?"
    r"(?:match|fit|is|are|agree|correspond)|\b(?:is|are|was)(?: not|n['\u2019]t) (?:listed|given|"
    r"provided|(?:among|in|one of) the (?:\w+ )?(?:options|choices))"
    r"|\b(?:does|do)(?: not|n['\u2019]t) (?:\w+ )?(?:match|fit) (?:any|the (?:options|choices))"
    r"|^\s*\(?(?:none|not listed)\)?\W*$"
)
_CANNOT_TELL = re.compile(
    r"\b(?:cannot|can['\u2019]t|can not|unable to|impossible to|not possible to|difficult to)"
    r" (?:be )?(?:\w+ )?(?:determined?|decided?|tell|say|identif(?:y|ied)|answer(?:ed)?)\b"
    r"|^\s*\(?(?:unknown|n/a)\)?\W*$"
)
_SEVERAL_LETTERS = re.compile(r"\W*[a-z](?:(?:\W|and|or)+[a-z])+\W*")
_CONCLUDES = re.compile(
    r"(?:^|[,;(]\s+|\band\s+)(?:therefore|thus|hence|so|consequently|accordingly|overall|finally"
    r"|in (?:conclusion|summary)|to (?:conclude|sum up)|based on|given|considering|from this"
    r"|this (?:means|indicates|suggests|implies))\b[,:]?\s*"
)
_REASONS = re.compile(
    r"\W*(?:first(?:ly)?\b,|let\b|to\b|we\b|consider|look|step\b|i (?:need|will|have)\b|ok\b|okay"
    r"|hmm|wait|alright|initial|original|at first\b|i (?:first|initially)\b"
    r"|the (?:question|task|problem)\b|in order|assum|suppose|if\b|since\b"
    r"|options?:)"
)
_SUPPOSES = re.compile(r"\W*(?:if|had|were|suppos\w+)\b.*,(?!\s*i\b).*\bwould\b")
_SUPERLATIVE = re.compile(r"\b(?:most|best|better|closest|correct|more accurately)\b")
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?<!^[a-z\d]\.)(?<![\s(][a-z\d]\.)\s+|(?<=\u3002)|\n")
_ITEM = (
    r"(?:[-*\u2022]\s|\d{1,2}[.)]\s)?(?:(?:option |choice )?[(\[]?[a-z][.:)\]][^\n]*"
    r"|(?<=[-*\u2022.)]\s)(?!conclu|answer)[^:\n]{1,40}:[^\n]*)"
)
_LIST = re.compile(rf"(?:^|\n){_ITEM}(?:\n{_ITEM})+(?=\n|$)")
"""Two lines or more that each say something of one option, or of something else."""
_INVENTED = re.compile(r"(?<=\n)[^\n?]{1,300}\?\n(?:options:\n)?\(?a[.):]")
_NOT_BUT = re.compile(r"not\b[^.;!?\n]{1,60}?\bbut\s+(?:rather\s+)?")
_CALLED_CORRECT = re.compile(
    rf"(?<!{WORD})(?<!')([a-z]){_CLOSING_MARKS}\s*"
    r"(?:\bis\s+(?:the\s+answer|(?:the\s+)?(?:correct|right|best)"
    r"(?:\s+(?:answer|option|choice|one))?)(?=\s*(?:[.,;!*]|$|\n|because\b|since\b|as\b))"
    r"|(?:选项|選項)?[是が]?(?:正确|正確|正解|正しい|对的))"
)
_OTHER_LETTER_BEFORE = re.compile(
    rf"(?<!{WORD})[a-z]{_CLOSING_MARKS}\s*(?:[,/&]|\b(?:or|and|nor)\b|,\s*(?:or|and)\b)\s*(?:option\s+)?$"
)


def _only_one(letters: Iterable[str]) -> str:
    """The letter, if all of these are one; else empty."""
    distinct = set(letters)
    return distinct.pop() if len(distinct) == 1 else ""


def _alone(text: str, options: Options) -> str:
    """The letters of a text that is nothing but a letter, an option's text, or both joined."""
    # Japanese may end a line with `です`.
    stripped = bare(_BULLET.sub("", bare(text), count=1)).removesuffix("です")
    if len(stripped) == 1 and stripped in options.letters:
        return stripped
    if letters := options.exactly(text) or options.exactly(stripped):
        return letters
    parts = _LETTER_AND_TEXT.fullmatch(stripped) or _LETTER_AND_NUMBER.fullmatch(stripped)
    if not parts or parts[1] not in options.letters:
        return ""
    twins = options.exactly(parts[2]) or options.exactly(bare(parts[2]))
    return parts[1] if parts[1] in twins else parts[1] + twins if twins else ""


def _opening_letters(rest: str, options: Options) -> str:
    """The letter that a statement begins with; two of them if it settles on none, or nothing."""
    if rest.startswith(BOX):
        rest = rest[1:].partition(END)[0]
        # A term such as `(a+b)/2` begins with no option's letter.
        if not _BOXED_LETTER.match(rest):
            return ""
    named = _NAMED_LETTER.match(rest)
    letter = _matched_letter(named, options)
    if not named or not letter or _PREDICATE.match(rest, named.end()):
        return ""
    # A letter beside it counts, unless it is the subject of what follows.
    conjunctions = _CONJUNCTIONS.match(rest, named.end())
    second = _NAMED_LETTER.match(rest, conjunctions.end()) if conjunctions else None
    other = _matched_letter(second, options)
    if conjunctions and not (conjunctions[1] or conjunctions[2]):
        other = ""
    if not second or not other or other == letter or _PREDICATE.match(rest, second.end()):
        return letter
    return letter + other


def _matched_letter(named: re.Match[str] | None, options: Options) -> str:
    letter = (named[1] or named[2]) if named else ""
    return letter if letter in options.letters else ""


@dataclass(frozen=True, slots=True)
class ChoiceReading:
    """What an answer was taken for."""

    letter: str = ""
    """A capital; empty if the text settles on no option."""
    outside: str = ""
    """The value that it settles on instead, if that is no option's."""


def _names_none(text: str) -> bool:
    """Whether it says that no option fits, or that nobody can tell."""
    return bool(_NONE.search(text) or _CANNOT_TELL.search(text))


def _letter_of_none(text: str, options: Options) -> str:
    """The letter of the option that says so too, such as `None of the above`."""
    return _only_one(
        letter
        for says in (_NONE, _CANNOT_TELL)
        if says.search(text)
        for letter, option in zip(options.letters, options.texts, strict=True)
        if says.search(option)
    )


def _stated_letters(rest: str, options: Options) -> str:
    """The letters that a statement names, by its first words or in its sentence."""
    not_but = _NOT_BUT.match(rest)
    rest = rest[not_but.end() :] if not_but else rest
    if rest.startswith(BOX):
        content = rest[1:].partition(END)[0].partition("\n")[0]
        return _alone(content, options) or _opening_letters(rest, options)
    line = rest.partition("\n")[0]
    alone = _alone(line, options) or _alone(sentence(rest), options)
    return alone or _opening_letters(rest, options)


def _read_statements(text: str, options: Options) -> ChoiceReading | None:
    """What the last statement that says anything says; nothing if there is none."""
    outside = ""
    for rest in stated(text):
        # Before a value that is no option, a letter is believed and another value is not.
        letters = (_opening_letters if outside else _stated_letters)(rest, options)
        if not letters and not outside:
            words = rest[1:].partition(END)[0] if rest.startswith(BOX) else sentence(rest)
            if _names_none(words) or _SEVERAL_LETTERS.fullmatch(words.strip()):
                return ChoiceReading(letter=_letter_of_none(words, options).upper())
            letters = _only_one(options.concluded(words[:LONGEST], opening=OPENING))
        if letters:
            return ChoiceReading(letter=letters.upper() if len(letters) == 1 else "")
        # What stands in a box is an answer, and so is a number that a statement consists of.
        if rest.startswith(BOX):
            outside = outside or compact(rest[1 : LONGEST + 1].partition(END)[0])[:SHOWN]
        elif len(content := compact(sentence(rest))) <= SHOWN and value(content):
            outside = outside or content
    return ChoiceReading(outside=outside) if outside else None


def _letters_called_correct(text: str, options: Options) -> str:
    called_correct = set()
    for match in _CALLED_CORRECT.finditer(text):
        start = match.start()
        # `A or B is correct` calls two letters correct.
        shared = _OTHER_LETTER_BEFORE.search(text[max(0, start - NEAR) : start])
        if match[1] in options.letters and not denied(text, start) and not shared:
            called_correct.add(match[1])
    return "".join(called_correct)


def _letter_at_an_end(lines: Sequence[str], options: Options) -> str:
    """The letter of the first or last line, if that is nothing but an option, and in no list."""
    settled = set()
    # An equation that more lines follow is a step.
    first = lines[:1] if len(lines) == 1 or "=" not in lines[0] else []
    for line, beside in (*((each, lines[1:2]) for each in first), (lines[-1], lines[-2:-1])):
        letters = _alone(line, options)
        is_letter = len(bare(_BULLET.sub("", bare(line), count=1))) == 1
        if is_letter or not any(_OPENING_LETTER.match(other) for other in beside):
            settled.update({letters} - {""})
    letter = _only_one(settled)
    return letter if len(letter) == 1 else ""


def _sentences(text: str) -> list[str]:
    """But for lists. What a colon announces belongs to the line before."""
    sentences = _SENTENCE_END.split(_LIST.sub("\n", text).replace(":\n", ": "))
    return [
        each
        for each in sentences
        if each
        and not each.endswith("?")
        and not _OPENING_LETTER.match(each)
        and not _SUPPOSES.match(each)
        and not TEMPTED.search(each)
    ]


def _conclusions(text: str) -> Iterator[str]:
    """Sentences in which a text may conclude, those that weigh most first."""
    last = _sentences(text[-TAIL:])
    yield from [each for each in reversed(last) if _CONCLUDES.search(each)][:1]
    if _is_cut_short(text):
        return
    yield from [each for each in reversed(last) if _SUPERLATIVE.search(each)][:1]


def _is_cut_short(text: str) -> bool:
    """Whether a text of more than one sentence ends within one."""
    return text[-1:] not in _ENDS and len(_SENTENCE_END.split(text[-TAIL:], maxsplit=1)) > 1


def _letters_of_the_ends(text: str, options: Options) -> str:
    """Of what the first sentence speaks, or else the last one."""
    if _is_cut_short(text):
        return ""
    first, last = _sentences(text[:TAIL])[:1], _sentences(text[-TAIL:])[-1:]
    # An equation that a text begins with is a step, unless nothing follows.
    reasons = first != last and any(_REASONS.match(each) or "=" in each for each in first)
    opening = "" if reasons else "".join(map(options.concluded, first))
    ending = "".join(options.concluded(each) for each in last)
    # `It is between blue and green. It is more of a green.`
    chooses = len(opening) > 1 and len(ending) == 1 and ending in opening
    return ending if chooses else opening or ending


def _letter_concluded(text: str, options: Options) -> str:
    for each in _conclusions(text):
        start = _CONCLUDES.search(each)
        if letters := options.concluded(each[start.end() if start else 0 :]):
            return letters if len(letters) == 1 else ""
    if letters := _letters_of_the_ends(text, options):
        return letters if len(letters) == 1 else ""
    return "" if _is_cut_short(text) else _letter_in_brackets(text, options)


def _letter_in_brackets(text: str, options: Options) -> str:
    return _only_one(
        match[1]
        for match in _BRACKETED_LETTER.finditer(text)
        if match[1] in options.letters
        and not denied(text, match.start())
        and not called_wrong(text, match.end())
    )


def _read(text: str, options: Options) -> ChoiceReading:
    """The rules in their order."""
    whole = _alone(" ".join(text.split()), options)
    if whole:
        return ChoiceReading(letter=whole.upper() if len(whole) == 1 else "")
    reading = _read_statements(text, options)
    if reading and not reading.outside:
        return reading
    letter = _letters_called_correct(text, options) or _letter_at_an_end(text.split("\n"), options)
    # Beside a value that is no option, nothing less plain than these is believed.
    if reading and not letter:
        return reading
    # A delimiter joins the letter to what explains it, if no other letter has one.
    first = _OPENING_LETTER.match(text)
    opens = first and first[1] in options.letters and not called_wrong(text, first.end())
    if first and opens and set(_DELIMITED_LETTER.findall(text)) <= {first[1]}:
        letter = letter or first[1]
    if not letter and _names_none(text[-TAIL:]):
        ends = (*_sentences(text[:TAIL])[:1], *_sentences(text[-TAIL:])[-1:])
        letter = _only_one(filter(None, (_letter_of_none(each, options) for each in ends)))
    elif not letter:
        letter = _letter_concluded(text, options)
    return ChoiceReading(letter=letter.upper() if len(letter) == 1 else "")


def _read_corrected(text: str, options: Options) -> ChoiceReading:
    """What follows a correction decides, and nothing does if it speaks of other options only."""
    reading = _read(text, options)
    after = correction(text)
    if not after:
        return reading
    later = _read(after, options)
    if later.letter or later.outside:
        return later
    mentioned = {each.letter for each in options.mentions(after[-TAIL:])}
    return reading if mentioned <= {reading.letter.lower()} else ChoiceReading()


def read_answer(text: str, options: Sequence[str]) -> ChoiceReading:
    """The option that a text settles on, or the value that is none of them, or neither.

    Case, white space and Unicode width change nothing.
    """
    folded_options = [folded(option) for option in options]
    text = plain_lines(text.translate(RAISED), folded_options)
    if len(text) > LONG:
        text = f"{text[: LONG // 2]}\n{text[-LONG // 2 :]}"
    lines = (" ".join(line.split()) for line in without_markup(text).split("\n"))
    text = "\n".join(filter(None, lines))
    texts = known(tuple(options))
    text = texts.in_digits(text)
    # What follows an answer and begins with a question was not asked.
    invented = _INVENTED.search(text)
    if invented:
        before = text[: invented.start()].rstrip()
        whole = _alone(" ".join(before.split()), texts)
        reading = _read_statements(before, texts)
        if whole or (reading and reading.letter):
            text = before
    return _read_corrected(text, texts)


def read_choice(text: str, options: Sequence[str]) -> str:
    """The letter of the option that the text settles on, or an empty string."""
    return read_answer(text, options).letter


@dataclass(frozen=True, slots=True)
class StrictChoice:
    """Scores a generated answer; what cannot be read is unparseable, not incorrect."""

    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the text settles on the target, incorrect if on another value or option."""
        reading = read_answer(answer.text, sample.options)
        if reading.outside:
            return Score(sample=sample.id, mark=Mark.INCORRECT, answer=reading.outside)
        return score(sample, reading.letter, correct=reading.letter == sample.target, strict=True)
