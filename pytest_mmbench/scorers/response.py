"""The response in a generated text: no reasoning, no special tokens, no further turn.

The one home of what marks reasoning: every rule is given `without_thoughts`, strict ones read the
`final_response` of that, and a checkpoint keeps what `is_thought_mark` when it decodes.

Models mark their reasoning in many ways: `<think>`, `[THINK]`, `<seed:think>`,
`<|begin_of_thought|>`, `<|START_THINKING|>`, `<unused94>`, `<|channel>thought`,
`<|channel|>analysis`. What counts is the last thing that is said outside of it. Reasoning that
never ends is followed by no response, and before an end without a beginning all is reasoning: its
beginning stood in the prompt.

A special token is known by its form (`<|...|>`, `<eos>`, `<end_of_turn>`, `[/INST]`), not by a list
of models. Other things in angle brackets stay: HTML, `x < y > z`, `<image 1>`; and so does whatever
a question has in its options.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pytest_mmbench.records.generation import Marks

_THOUGHT = r"think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|rationale|scratchpad|analysis"
_REASONING = re.compile(
    # <think>, </think>, <seed:think>, <|begin_of_thought|>, <|thinking_end|>, <think budget="9">
    rf"(?:<\|?|\u25c1)\s?(?P<tag>/?(?:[a-z]+[:_\u2581-]){{0,4}}(?:{_THOUGHT}|inner_(?:pre|suf)fix)"
    r"(?:[:_\u2581-][a-z]+){0,2})(?:\s\w+=[^<>]{1,60})?\s?(?:\|?>|\u25b7)"
    r"|\[(?P<bracket>/?(?:think(?:ing)?|thoughts?))\]"
    r"|<\|channel\|?>\s?(?P<channel>[a-z]*+)"
    r"(?:[^<>]{0,40}(?:<\|constrain\|>[^<>]{0,40})?<\|message\|>)?"
    r"|(?P<begin><unused94>|\A\s*here(?: is|'s) my thought process:|\A\s*analysis(?=[a-z]))"
    r"|(?P<end>(?:<channel\||<unused95|<\|content\||<\|start_(?:response|text)\|"
    r"|<\|begin_of_solution\|)>)"
    r"|(?P<words_end>\bhere(?: is|'s) my response:|assistantfinal)"
)
_ENDS = re.compile(r"/|(?:^|[:_\u2581-])(?:end|stop|close|suffix)(?:$|[:_\u2581-])")
_CHANNELS = ("final", "answer", "response")
"""That are spoken in; gpt-oss reasons in `analysis`, Gemma in `thought`."""
_BESIDE_CHANNEL = ("<|message|>", "<|constrain|>")
"""Tokens between the name of a channel and what is said in it."""
_LONGEST_MARK = 80
"""Characters at the end of a prompt, or of an answer, among which such a mark is looked for."""
_ANSWER = re.compile(r"<(?:answer|response|conclusion|solution|final_answer)>")
_ANSWER_END = re.compile(r"</\w+>")
_TURN = r"(?:<\|(?:im_start|start|begin|start_header_id|turn)\|?>|<start_of_turn>)\s*"
_ROLE = re.compile(rf"{_TURN}(?:assistant|model|gpt|bot)\b(?:\s*<\|end_header_id\|>)?")
_NEXT_TURN = re.compile(
    rf"{_TURN}(?:user|human|system|tool)\b|<\|(?:user|human|system)\|>|\[inst\]"
)
_TURN_END = re.compile(
    r"<(?:/s|\|?(?:im_end|eo[stmd](?:_id|_token)?|end|return|turn|end_?turn|endoftext|end[_\u2581]of"
    r"[_\u2581](?:text|turn(?:_token)?|sentence|seq(?:uence)?|utterance|message|dialog(?:ue)?))\|?)>"
)
_TOKEN = re.compile(
    # Three characters at the least: |x|<|y|>z is arithmetic. A box states an answer.
    r"<(?:\|(?!begin_of_box)(?:[a-z\u2581][\w\u2581:./-]{2,40}\|?>|[a-z]+_\w{0,40}\|?\Z)"
    r"|[a-z][\w\u2581]{2,40}\|>|0x[\da-f]{2}>|(?:begin|start|end)_of_\w{1,20}>"
    r"|(?:/?s|[be]o[a-z]|pad|unk|sep|cls|mask|gmask|sop)(?:_\w{1,20})?>"
    r"|(?:unused|reserved|extra_id|special)_?\w{0,20}>)"
    r"|\[/?(?:inst|cls|sep|pad|unk|[be]os|eot|gmask)\]"
)
_TOKEN_OR_WORD = re.compile(rf"{_ROLE.pattern}|{_TOKEN.pattern}|</?\w+>|(?P<word>\w)")
# Most answers have none of these, and then nothing is to be taken away.
_ANY = re.compile(r"[<\[\u25c1\u2581]|my response:|my thought process:|\A\s*analysis[a-z]")


def final_response(text: str, options: Sequence[str] = ()) -> str:
    """What a text in small letters and Unicode's compatible form responds; empty if nothing yet.

    What stands in one of the options, which are in the same form, is no token and marks nothing.
    """
    if not _ANY.search(text):
        return text
    in_options = "\n".join(options)
    text = _ROLE.sub(" ", _before(_NEXT_TURN, text, in_options))
    text = text[_last_spoken(text, in_options, _reasoning(()))]
    text = _before(_TURN_END, text, in_options)
    text = _TOKEN.sub(lambda token: token[0] if token[0] in in_options else " ", text)
    # SentencePiece's blank.
    return text if "\u2581" in in_options else text.replace("\u2581", " ")


def without_thoughts(text: str, options: Sequence[str] = (), marks: Marks = ()) -> str:
    """What a text says outside of its reasoning; the text as it is if it has none.

    `marks` are a team's own, beside those that are known. What stands in an option marks nothing.
    """
    plain = _same_length(text)
    if not marks and not _ANY.search(plain):
        return text
    in_options = "\n".join(map(_same_length, options))
    plain = _ROLE.sub(lambda role: " " * len(role[0]), _before(_NEXT_TURN, plain, in_options))
    spoken = _last_spoken(plain, in_options, _reasoning(marks))
    return text if spoken == slice(0, len(plain)) else text[spoken]


def without_end_tokens(text: str) -> str:
    """A text up to the special tokens that it ends with, which no decoder should have kept."""
    end = len(text.rstrip())
    while (start := text.rfind("<", max(0, end - _LONGEST_MARK), end)) >= 0:
        token = _same_length(text[start:end])
        if not (_TURN_END.fullmatch(token) or _TOKEN.fullmatch(token)):
            break
        end = len(text[:start].rstrip())
    return text[:end] if end < len(text.rstrip()) else text


def is_thought_mark(token: str, marks: Marks = ()) -> bool:
    """Whether a special token of a checkpoint is a mark of reasoning, or belongs to one."""
    own = (token.lower() in mark.lower() for pair in marks for mark in pair)
    known = token in _BESIDE_CHANNEL or _REASONING.fullmatch(token.lower()) is not None
    return known or any(own)


def opened_thought(prompt: str, marks: Marks = ()) -> str:
    """The mark of reasoning that a prompt ends with, in small letters; empty if there is none.

    What follows such a prompt is reasoning, and has no beginning of its own.
    """
    tail = prompt.lower().rstrip()[-_LONGEST_MARK:]
    last = deque(_reasoning(marks).finditer(tail), maxlen=1)
    if not last or last[0].end() < len(tail):
        return ""
    return "" if _is_end(last[0]) or _is_spoken(last[0]) else last[0][0]


@lru_cache(maxsize=64)
def _reasoning(marks: Marks) -> re.Pattern[str]:
    """All marks: those of a team's own come first, as they may begin like one that is known."""
    begins = _alternatives(begin for begin, _ in marks)
    ends = _alternatives(end for _, end in marks)
    own = rf"(?P<own_begin>{begins})|(?P<own_end>{ends})"
    return re.compile(f"{own}|{_REASONING.pattern}")


def _alternatives(marks: Iterable[str]) -> str:
    """A pattern of the longest of them that fits; of nothing where there are none."""
    longest_first = sorted((_same_length(mark).strip() for mark in marks), key=len, reverse=True)
    return "|".join(map(re.escape, longest_first)) or "(?!)"


def _is_end(mark: re.Match[str]) -> bool:
    """Whether a mark closes reasoning in so many words."""
    named = mark["tag"] or mark["bracket"] or ""
    return bool(mark["own_end"] or (not mark["own_begin"] and _ENDS.search(named)))


def _is_spoken(mark: re.Match[str]) -> bool:
    """Whether what follows a mark is said aloud, whatever stood before it."""
    return bool(mark["channel"] in _CHANNELS or mark["end"] or mark["words_end"])


def _same_length(text: str) -> str:
    """In small letters and Unicode's compatible form, character by character."""
    if text.isascii():
        return text.lower()
    forms = ((each, unicodedata.normalize("NFKC", each).lower()) for each in text)
    return "".join(form if len(form) == 1 else each for each, form in forms)


def _before(mark: re.Pattern[str], text: str, in_options: str) -> str:
    """The text up to the first mark behind anything that is said."""
    marks = mark.finditer(text, _first_word(text))
    return text[: next((each.start() for each in marks if each[0] not in in_options), None)]


def _first_word(text: str) -> int:
    """Where the first word begins that is no special token or tag; the end if there is none."""
    found = (match.start() for match in _TOKEN_OR_WORD.finditer(text) if match["word"])
    return next(found, len(text))


def _last_spoken(text: str, in_options: str, reasoning: re.Pattern[str]) -> slice:
    """Where the last part outside of reasoning lies that says anything."""
    parts: list[slice] = []
    begin, reasons = 0, False
    for mark in reasoning.finditer(text):
        if mark[0] in in_options or (mark["words_end"] and not reasons):
            continue
        if not _is_end(mark) and not _is_spoken(mark):
            parts += [] if reasons else [slice(begin, mark.start())]
            begin, reasons = (begin if reasons else mark.end()), True
            continue
        if not reasons:
            parts.clear()
        begin, reasons = mark.end(), False
    parts.append(slice(_answer_in_reasoning(text, begin) if reasons else begin, len(text)))
    said = (part for part in reversed(parts) if _first_word(text[part]) < part.stop - part.start)
    return next(said, parts[-1])


def _answer_in_reasoning(text: str, begin: int) -> int:
    """Where reasoning ends that is not marked so: at the answer in a tag that it ends with."""
    last = deque(_ANSWER.finditer(text, begin), maxlen=1)
    if not last:
        return len(text)
    answer = text[last[0].start() :]
    end = _ANSWER_END.search(answer)
    goes_on = end and _first_word(answer[end.end() :]) < len(answer) - end.end()
    return len(text) if goes_on else last[0].start()
