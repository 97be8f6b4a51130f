"""A checkpoint's chat template: conversations into the text that it was trained to read.

Some templates want each message as a list of parts, some as one string; some refuse or drop a
system message. Rendering three short conversations shows which, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.checkpoint import describe_error
from pytest_mmbench.records import Prompt, Turn
from pytest_mmbench.records.generation import Marks
from pytest_mmbench.scorers.response import opened_thought

_DATE_CALL = re.compile(r"strftime_now\(\s*(?P<quote>['\"])(?P<format>[^'\"]*)(?P=quote)\s*\)")
"""How a template asks for the date, by what transformers lends it."""
_FIXED_DATE = date(2024, 7, 26)
"""The day that templates of Llama 3 take where they cannot ask."""
THINKING_SWITCHES = ("enable_thinking", "thinking")
"""Arguments of published templates: Qwen3, GLM-4.5 and SmolLM3; DeepSeek-V3.1 and Granite."""
_PROBE_TEXT = "mmbench-said-this"
_PROBE_ANSWER = "mmbench-answered-this"
Message: TypeAlias = dict[str, Any]
Renderer: TypeAlias = Any
"""A processor or a tokenizer of transformers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTemplate:
    """A checkpoint's chat template, and what it accepts."""

    renderer: Renderer
    takes_parts: bool
    """Messages are lists of parts, not strings."""
    takes_system: bool
    """A system message is shown, and need not be put before the first user turn."""
    answer_gap: str
    """White space that the template writes between the generation prompt and an answer."""
    turn_end: str
    """What it writes behind an answer; empty if nothing is known of it."""
    placeholder: str
    """Stands for a picture where messages are strings; empty if the checkpoint sees none."""
    thinking_switch: str = ""
    """Its argument that asks for reasoning, or for none; empty if it has no such argument."""
    checkpoint: str = ""
    """Its folder, for error messages."""

    def render(self, prompt: Prompt, *, thinking: bool | None = None) -> str:
        """The prompt as the checkpoint was trained to read it, up to where its answer starts.

        Raises:
            CheckpointError: the template refuses the conversation, or `thinking` is set and it has
                no argument for that.
        """
        if thinking is not None and not self.thinking_switch:
            raise CheckpointError(
                f"thinking = {str(thinking).lower()} is set, and the chat template of checkpoint"
                f" {self.checkpoint!r} has no argument for it.",
                looked_for=", ".join(THINKING_SWITCHES),
                what_to_do="take thinking out of [decoding]; a checkpoint that is asked to think in"
                " words is asked so by `system`",
            )
        switch = {} if thinking is None else {self.thinking_switch: thinking}
        turns = prompt.turns if self.takes_system else _fold_system_turns(prompt.turns)
        try:
            return _apply(self.renderer, [self._message(turn) for turn in turns], **switch)
        except Exception as error:  # a template is a program that came with the checkpoint
            raise CheckpointError(
                "the checkpoint's chat template refuses the conversation.",
                roles=", ".join(turn.role for turn in turns),
                reason=describe_error(error),
            ) from error

    def opened_thought(self, *, thinking: bool | None = None, marks: Marks = ()) -> str:
        """The mark of the reasoning that every prompt opens, so that answers begin within it."""
        question = Turn(role="user", parts=(_PROBE_TEXT,))
        return opened_thought(self.render(Prompt(turns=(question,)), thinking=thinking), marks)

    def _message(self, turn: Turn) -> Message:
        if self.takes_parts:
            content = [
                {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}
                for part in turn.parts
            ]
            return {"role": turn.role, "content": content}
        texts = (part if isinstance(part, str) else self.placeholder for part in turn.parts)
        return {"role": turn.role, "content": "\n".join(texts)}


def read_template(
    *, processor: Renderer, tokenizer: Renderer, placeholder: str, checkpoint: str
) -> ChatTemplate:
    """Find out what a checkpoint's chat template accepts."""
    # The processor's wins over the tokenizer's, as in transformers' own pipelines.
    renderer = processor if getattr(processor, "chat_template", None) else tokenizer
    if not getattr(renderer, "chat_template", None):
        raise CheckpointError(
            f"checkpoint {checkpoint!r} has no chat template.",
            looked_for="chat_template.jinja, chat_template in tokenizer_config.json",
            what_to_do="add the template that it was trained with as chat_template.jinja;"
            " a base model that was never trained to converse cannot be gated this way",
        )
    user = _text_message("user", _PROBE_TEXT, parts=True)
    takes_parts = _shows_probe(renderer, [user])
    if not takes_parts:
        user = _text_message("user", _PROBE_TEXT, parts=False)
        if not _shows_probe(renderer, [user]):
            raise CheckpointError(
                f"the chat template of checkpoint {checkpoint!r} does not show what the user says.",
                what_to_do="check chat_template.jinja against the one that it was trained with",
            )
    system_and_user = [
        _text_message("system", _PROBE_TEXT, parts=takes_parts),
        _text_message("user", "?", parts=takes_parts),
    ]
    answer = _text_message("assistant", _PROBE_ANSWER, parts=takes_parts)
    answer_gap, turn_end = _find_answer_frame(renderer, user, answer)
    return ChatTemplate(
        renderer=renderer,
        takes_parts=takes_parts,
        takes_system=_shows_probe(renderer, system_and_user),
        answer_gap=answer_gap,
        turn_end=turn_end,
        placeholder=placeholder,
        thinking_switch=_find_thinking_switch(renderer, [user], system_and_user),
        checkpoint=checkpoint,
    )


def _text_message(role: str, text: str, *, parts: bool) -> Message:
    return {"role": role, "content": [{"type": "text", "text": text}] if parts else text}


def _apply(
    renderer: Renderer, messages: list[Message], *, generation: bool = True, **switch: bool
) -> str:
    template = renderer.chat_template
    has_date = isinstance(template, str) and _DATE_CALL.search(template)
    # A template of several names, and one without a date, are left to transformers.
    settings: dict[str, Any] = {"chat_template": fix_date(template)} if has_date else {}
    settings |= {"add_generation_prompt": generation, "tokenize": False, **switch}
    return str(renderer.apply_chat_template(messages, **settings))


def fix_date(template: str) -> str:
    """The template with a fixed day where it asks for today's.

    With the true one, a prompt would change tomorrow under the same key of its stored answer.

    >>> fix_date("Today is {{ strftime_now('%d %b %Y') }}.")
    "Today is {{ '26 Jul 2024' }}."
    """
    return _DATE_CALL.sub(lambda call: repr(_FIXED_DATE.strftime(call["format"])), template)


def _shows_probe(renderer: Renderer, messages: list[Message]) -> bool:
    try:
        text = _apply(renderer, messages)
    except Exception:  # noqa: BLE001  a refusal is the answer to the question
        return False
    # It must appear as itself, and not in the Python text of a list.
    return _PROBE_TEXT in text and "'type'" not in text and '"type"' not in text


def _find_thinking_switch(renderer: Renderer, *conversations: list[Message]) -> str:
    """The argument by which the template writes one prompt or another; empty if it has none."""

    def prompt(messages: list[Message], switch: str, *, thinking: bool) -> str:
        try:
            return _apply(renderer, messages, **{switch: thinking})
        except Exception:  # noqa: BLE001  a template may refuse a system message, or this argument
            return ""

    template = str(renderer.chat_template)
    # Processors warn of arguments that a template does not name.
    for switch in (each for each in THINKING_SWITCHES if each in template):
        for messages in conversations:
            without, with_it = (prompt(messages, switch, thinking=on) for on in (False, True))
            if without and with_it and without != with_it:
                return switch
    return ""


def _find_answer_frame(renderer: Renderer, user: Message, answer: Message) -> tuple[str, str]:
    """White space before an answer, and what stands behind it.

    LLaVA 1.5 asks `ASSISTANT:`, and was trained on `ASSISTANT: Yes`.
    """
    try:
        prompt = _apply(renderer, [user])
        conversation = _apply(renderer, [user, answer], generation=False)
    except Exception:  # noqa: BLE001  a template need not render answers
        return "", ""
    before, _, turn_end = conversation.rpartition(_PROBE_ANSWER)
    gap = before.removeprefix(prompt)
    return gap if before.startswith(prompt) and gap.isspace() else "", turn_end.strip()


def _fold_system_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The same turns, with what the system says put before the first user turn."""
    system = [part for turn in turns if turn.role == "system" for part in (*turn.parts, "\n\n")]
    others = [turn for turn in turns if turn.role != "system"]
    if not system or not others:
        return tuple(others)
    first = Turn(role=others[0].role, parts=(*system, *others[0].parts))
    return (first, *others[1:])
