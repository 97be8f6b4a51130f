"""Where a text says what its answer is: `the answer is ...`, `Answer: ...`, a box, an answer tag.

What `choice` and the readers of open answers share. It knows the phrases, in English,
Chinese and Japanese, where they end, and what denies; and nothing of letters, numbers or options.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_mmbench.scorers.response import final_response

BOX: Final = "\ue000"
"""Stands where a box begins; `RAISED` takes these two out of what a model says."""
END: Final = "\ue001"
"""Stands where a box ends."""
WRAPPING: Final = (
    f"{BOX}{END}"
    " \t\r\n.,:;!?*_`'\"()[]{}<>#$\\"
    "\u3001\u3002\u2018\u2019\u201c\u201d\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011"
)
"""What may stand around an answer without being part of it."""
WORD: Final = r"[^\W\u3040-\u30ff\u3400-\u9fff]"
"""A character of a word. Chinese and Japanese write words without blanks: a letter between theirs
stands by itself."""
LAST: Final = 8
"""Statements that are looked at, from the end: a text that announces more answers than these and
means none of them settles on nothing."""
SENTENCE: Final = 1000
"""Characters. A sentence that is longer states no answer."""
REACH: Final = 80
"""Characters before something in which it may be denied."""
_BE = (
    r"(?:(?:,\s+it)?\s+(?:is|was|would be|should be|must be|will be)\b"
    r"(?:\s+(?:(?:most )?likely|probably|clearly|definitely|certainly|therefore|thus)\b,?)?)?"
)
_NOUN = (
    r"(?<![^\W_])(?:answer|choice(?=\s+(?:option|letter|here|to|would|should|must|will|is|was)\b|,\s+it\b|[*_>\"']*\s*[:=])|(?:option|answer|choice|correct|right|corresponding)\s+letter)"
    r"(?:\s+(?:option|choice|letter))?\b[*_>\"']*"
)
_HAN = (
    "(?:答案|正解|答え|(?<![不没未])(?:选择|選擇|選択|选|選)(?![项項肢]))(?:应该|應該)?[是为為は]?"
)
# The look-ahead changes nothing but the time that a long text takes.
_STATEMENT = re.compile(
    r"(?=[abcilorsm<\\\ue000答正选選])"
    rf"(?:{_NOUN}(?:\s+(?:here|to (?:the|this) question))?{_BE}"
    r"|\b(?:correct|right|best|appropriate|suitable|accurate|likely|closest|plausible|reasonable)"
    rf"\s+(?:option|match)\b(?:\s+here)?{_BE}"
    r"|\bbest\s+(?:described|represented|explained|characteri[sz]ed)\s+(?:by|as)\b"
    r"|\b(?:i(?:['\u2019](?:ll|d)| will| would)?|let['\u2019]?s) (?:choose|pick|select|go with)\b"
    rf"|\\boxed\s*\{{|(?={BOX})|<\|begin_of_box\|>|<conclusion>|{_HAN})"
    r"\s*[:=]?[*_]*\s*(?:the\s+)?(?:(?:option|letter|choice)\s+|选项|選項)?"
)
_QUESTION = re.compile(r"[^\s?]++(?:\s[^\s?]++)?\?\s*\S")
_END = re.compile(r"[.;!?](?:\s|$|(?=[\u3040-\u30ff\u3400-\u9fff]))|[\n\u3002]")
_NEXT_QUESTION = re.compile(
    r"(?:\n|(?<=[.!?\u3002])\s?)[^\S\n]*+[#*>]*+[^\S\n]*+"
    r"(?:(?:the\s)?(?:next|another|new|similar|follow-up)\s)?"
    r"(?:question|q|human|user|problem|exercise|instruction|task|问题|題目|题目|用户|問題|質問)"
    r"\s?\d{0,3}\s?[*_]*:"
)
"""That a model asks itself after its answer, as in the examples that it learned from."""
_SHORT_ANSWER = re.compile(
    r"\W*[a-z]\s*(?:$|[).:,\]])|\S+(?: \S+)?$|(?=\D{0,30}\d)\S+(?: \S+){0,7}$"
)
"""A first line that is an answer by itself: a letter, two words, or a few with a number."""
_FONT = re.compile(r"\\(?:text(?:bf|it|rm|sf)?|math(?:bf|it|rm|sf))\s*\{")
_DEGREES = re.compile(r"\^\s?(?:\\circ\b|\{\s?\\circ\s?\})")
_CLAUSE = re.compile(r"[.,:;!?\n]|\b(?:but|though|although|so|hence|thus|therefore)\b")
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|cannot|if|unless|whether|impossible|(?<!no )doubt|(?:rather|other)"
    r" than|instead of|rul(?:e|ed|es|ing) out|eliminat(?:e|ed|es|ing)|exclud(?:e|ed|es|ing))\b"
    r"|n['\u2019]t\b|\b(?:no|without|except) (?:\w+ )?$|[不没非]"
)

_DENIES_ANOTHER = re.compile(
    r"(?:\b(?:not|cannot|never|without|except)\b|n['\u2019]t\b)"
    r"(?:(?!\b(?:that|whether|if|think|believe|say|sure|know|certain|agree|mean)\b).)+"
    r"\b(?:is|are|was|were|would be|must be|should be)\b\W*"
    r"(?:the\s+)?(?:(?:option|choice|answer|image|picture|figure|point|letter)\s+)?"
    r"(?:\W*[a-z]\W+(?:and|or)\b)?\W*$"
)
_CALLED_WRONG = re.compile(
    r"[)\]}*_`'\"$\\\u2019\u201d\u300b\u300d\u300f\u3011]*\s*"
    r"(?:\b(?:is|was|would be|could be)\s+(?:\w+ly\s+)?(?:not|wrong|incorrect|false)\b"
    r"|\bwould\s+(?:require|need|imply|mean)\b"
    r"|\b(?:isn|wasn|doesn|can|couldn)['\u2019]t\b|\bcannot\b|\bdoes not\b"
    r"|:\s*(?:no|not|wrong|false|incorrect)\b|(?:选项|選項)?是?[错錯误誤不])"
)


_CORRECTION = re.compile(
    r"(?:^|[.!?\u3002\u2026\uff0c\n:(\u2014\u2013,]|\s-)[\s\"*_]*(?:(?:hmm+|oh|oops|no|but|ok(?:ay)?|well)\b[\s,.!\u2026]{0,5}){0,4}"
    r"(?:wait\b(?=[\s,.!:;\u2014\u2013\u2026-]+(?!for\b|until\b|to\b))|hold on\b|scratch that\b"
    r"|correction\s*:|on second thoughts?\b|let me (?:re-?(?:count|check|consider|evaluate|examine"
    r"|think|calculate|read|assess|visit|do)|correct|double[- ]check|look again|try again)\b"
    r"|(?:i|that) (?:was|am) (?:wrong|mistaken)\b|i (?:made an? \w*\s?(?:mistake|error)|miscounted"
    r"|misread|apologi[sz]e)\b|my mistake\b|(?<=[.!?]\s)(?:actually\b|no, (?=it|that|the\b|\d))"
    r"|(?:\u4e0d\u5bf9|\u7b49\u7b49|\u7b49\u4e00\u4e0b|\u66f4\u6b63|\u3044\u3084|\u5f85\u3063\u3066|\u8a02\u6b63)(?!\w{0,3}\u3002))"
    r"[\s,.:!;*_\u2014\u2013\u2026-]*"
)
"""That takes back what was said before it."""


def folded(text: str) -> str:
    """The whole text in small letters, in Unicode's compatible form and without LaTeX's fonts."""
    text = _FONT.sub("{", unicodedata.normalize("NFKC", text).casefold())
    return _DEGREES.sub("\u00b0", text)


def plain(text: str, options: Sequence[str] = ()) -> str:
    """What a text responds, folded and on one line; see `final_response` for the folded options."""
    return " ".join(plain_lines(text, options).split())


_SUBJECT: Final = re.compile(
    r"\A(?:the|its?|this|that|these|those|there|he|she|they|his|her|their)\b"
    r"[^.;:!?\n]{0,80}?\b(?:is|are|was|were|says?|reads?|shows?)\b:?\s+(?P<rest>\S.*)\Z"
)
_TAG: Final = re.compile(
    r"<(?P<tag>answer|response|conclusion|solution|final_answer)>(?P<inside>.*?)(?:</(?P=tag)>|\Z)",
    re.DOTALL,
)
"""In which some models put what they answer."""


def plain_lines(text: str, options: Sequence[str] = ()) -> str:
    """The same, line by line; a line that says nothing is left out."""
    response = final_response(folded(text), options).strip()
    lines = (" ".join(line.split()) for line in response.splitlines())
    return _before_next_question("\n".join(line for line in lines if line))


def answer_lines(text: str) -> str:
    """Those of an open answer: what stands in the last tag for an answer, if there is one."""
    lines = plain_lines(text)
    last = deque(_TAG.finditer(lines) if "<" in lines else (), maxlen=1)
    return last[0]["inside"].strip() if last else lines


def _before_next_question(lines: str) -> str:
    """A text up to the first question that follows an answer."""
    if not _NEXT_QUESTION.search(lines):
        return lines
    first_line = lines.partition("\n")[0]
    is_answer = _SHORT_ANSWER.match(first_line) and not first_line.endswith((":", "*"))
    if is_answer and _NEXT_QUESTION.match(lines, len(first_line)):
        return first_line
    answers = (
        match.end()
        for match in _STATEMENT.finditer(lines)
        if _is_statement(match) and bare(sentence(lines[match.end() : match.end() + SENTENCE + 1]))
    )
    answered = next(answers, len(lines))
    next_question = _NEXT_QUESTION.search(lines, answered)
    return lines[: next_question.start()] if next_question else lines


def _is_statement(match: re.Match[str]) -> bool:
    """Whether it states, or asks or denies."""
    text = match.string
    if text.startswith(BOX, match.end()):
        return True
    if _QUESTION.match(text, match.end()) or denied(text, match.start()):
        return False
    return not supposed(text, match.start())


def bare(plain_text: str) -> str:
    """Without the punctuation and mark-up around it."""
    return plain_text.strip(WRAPPING)


def end_of_sentence(phrase: str) -> str:
    """What a sentence says of its subject, such as `nikon` of `the brand is nikon`; else empty."""
    match = _SUBJECT.match(phrase) if "\n" not in phrase else None
    return bare(match["rest"]) if match else ""


def stated(plain_text: str) -> Iterator[str]:
    """What follows each statement of an answer, up to the end of the text; the last one first.

    `Is the answer 5? No.` asks, and `I doubt that the answer is 5` denies: both state nothing.
    """
    matches = deque(_STATEMENT.finditer(plain_text), maxlen=LAST)
    return (plain_text[match.end() :] for match in reversed(matches) if _is_statement(match))


def correction(plain_text: str) -> str:
    """What follows the last place at which a text corrects itself; empty if it does not.

    `Wait, ...` may end in the same answer as before; what follows it decides which.
    """
    last = deque(_CORRECTION.finditer(plain_text), maxlen=1)
    return plain_text[last[0].end() :] if last and last[0].start() else ""


def sentence(rest: str) -> str:
    """What follows a statement, up to the end of its sentence or line."""
    end = _END.search(rest, 0, SENTENCE + 1)
    return rest[: end.start()] if end else rest if len(rest) <= SENTENCE else ""


def braced(rest: str) -> tuple[str, str]:
    """What stands before the brace that closes what is open, and what stands behind it."""
    depth = 1
    for at, character in enumerate(rest[:SENTENCE]):
        depth += (character == "{") - (character == "}")
        if not depth:
            return rest[:at], rest[at + 1 :]
    return sentence(rest), ""


def denied(plain_text: str, at: int) -> bool:
    """Whether what begins there is said not to be so, or only perhaps, in its own clause.

    `The one that does not belong is B` denies something else.
    """
    clause = _CLAUSE.split(plain_text[max(0, at - REACH) : at])[-1]
    return _DENIAL.search(clause) is not None and _DENIES_ANOTHER.search(clause) is None


_SUPPOSED = re.compile(r"\b(?:if|had|were|suppos\w+|assum\w+)\b[^.;!?\n]*,[^,.;!?\n]{0,30}\Z")
_WOULD = re.compile(r"[^.;!?\n,]{0,30}?\b(?:would|could|might)\b")
TEMPTED: Final = re.compile(
    r"\b(?:(?:might|may|could|would)\s(?:\w+ly\s)?(?:think|say|assume|guess|conclude|suggest|argue"
    r"|seem|appear)|tempt(?:ed|ing)|(?:first|initially|originally)\s(?:\w+\s)?(?:thought|believed"
    r"|assumed|said|chose|selected|picked)|thought|believed|assumed)\b"
)
"""That something is what somebody might take for the answer."""
_CONTRAST = re.compile(r"\b(?:but|however)\b|[.;!?\n]")


def supposed(plain_text: str, start: int) -> bool:
    """Whether a statement says what the answer would be, or what somebody might take it for."""
    before = plain_text[max(0, start - REACH) : start]
    if TEMPTED.search(_CONTRAST.split(before)[-1]):
        return True
    # `If I had to choose, I would say` states an answer.
    is_choice = plain_text.startswith(("i ", "i'", "i\u2019"), start)
    supposes = _SUPPOSED.search(before) is not None and not is_choice
    return supposes and _WOULD.match(plain_text, start) is not None


def called_wrong(plain_text: str, at: int) -> bool:
    """Whether what ends there is said to be wrong, or not to be so."""
    return _CALLED_WRONG.match(plain_text, at) is not None
