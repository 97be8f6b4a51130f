"""Prompts in the words of a checkpoint's own chat template.

Templates differ in what they accept: some want each message as a list of parts, some as one string;
some refuse or drop a system message. What a template accepts is found out by rendering three short
conversations with it, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.checkpoint import describe_error
from pytest_mmbench.records import Prompt, Turn

_DATE_CALL = re.compile(r"strftime_now\(\s*(?P<quote>['\"])(?P<format>[^'\"]*)(?P=quote)\s*\)")
"""How a template asks for the date, by what transformers lends it."""
_FIXED_DATE = date(2024, 7, 26)
"""The day that templates of Llama 3 take where they cannot ask."""
_PROBE_TEXT = "mmbench-said-this"
_PROBE_ANSWER = "mmbench-answered-this"
Message: TypeAlias = dict[str, Any]


class Renderer(Protocol):
    """A processor or a tokenizer of transformers, as far as it is needed here."""

    chat_template: Any

    def apply_chat_template(
        self,
        conversation: list[Message],
        *,
        add_generation_prompt: bool,
        tokenize: bool,
        **settings: str,
    ) -> Any:  # noqa: ANN401  the declared type differs between processors and tokenizers
        """The conversation as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTemplate:
    """A checkpoint's chat template, and what it was found to accept."""

    renderer: Renderer
    takes_parts: bool
    """Messages are lists of parts; otherwise they are strings."""
    takes_system: bool
    """A system message is shown; otherwise it is put before the first user turn."""
    answer_gap: str
    """White space that the template writes between the generation prompt and an answer."""
    placeholder: str
    """Stands for a picture where messages are strings; empty if the checkpoint sees none."""

    def render(self, prompt: Prompt) -> str:
        """The prompt as the checkpoint was trained to read it, up to where its answer starts.

        Raises:
            CheckpointError: The template refuses the conversation.
        """
        turns = prompt.turns if self.takes_system else _fold_system_turns(prompt.turns)
        try:
            return _apply(self.renderer, [self._message(turn) for turn in turns])
        except Exception as error:  # a template is a program that came with the checkpoint
            raise CheckpointError(
                "the checkpoint's chat template refuses the conversation.",
                roles=", ".join(turn.role for turn in turns),
                reason=describe_error(error),
            ) from error

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
    """Find out what a checkpoint's chat template accepts.

    The processor's template wins over the tokenizer's, as in transformers' own pipelines.

    Raises:
        CheckpointError: The checkpoint has no chat template, or one that renders nothing.
    """
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
    return ChatTemplate(
        renderer=renderer,
        takes_parts=takes_parts,
        takes_system=_shows_probe(renderer, system_and_user),
        answer_gap=_find_answer_gap(renderer, user, answer),
        placeholder=placeholder,
    )


def _text_message(role: str, text: str, *, parts: bool) -> Message:
    return {"role": role, "content": [{"type": "text", "text": text}] if parts else text}


def _apply(renderer: Renderer, messages: list[Message], *, generation: bool = True) -> str:
    template = renderer.chat_template
    has_date = isinstance(template, str) and _DATE_CALL.search(template)
    # A template of several names, and one without a date, are left to transformers.
    settings = {"chat_template": fix_date(template)} if has_date else {}
    text = renderer.apply_chat_template(
        messages, add_generation_prompt=generation, tokenize=False, **settings
    )
    return str(text)


def fix_date(template: str) -> str:
    """The template with a fixed day where it asks for today's.

    With the true one, a prompt would be another one tomorrow, under the same key of its stored
    answer, and two checkpoints would not be asked the same.

    >>> fix_date("Today is {{ strftime_now('%d %b %Y') }}.")
    "Today is {{ '26 Jul 2024' }}."
    """
    return _DATE_CALL.sub(lambda call: repr(_FIXED_DATE.strftime(call["format"])), template)


def _shows_probe(renderer: Renderer, messages: list[Message]) -> bool:
    """Whether the probe's text appears, as itself and not as the Python text of a list."""
    try:
        text = _apply(renderer, messages)
    except Exception:  # noqa: BLE001  a refusal is the answer to the question
        return False
    return _PROBE_TEXT in text and "'type'" not in text and '"type"' not in text


def _find_answer_gap(renderer: Renderer, user: Message, answer: Message) -> str:
    """What a finished conversation has between the generation prompt and the answer.

    LLaVA 1.5, for one, asks with `ASSISTANT:` and was trained on `ASSISTANT: Yes`: an option is
    only likely with the space in front.
    """
    try:
        prompt = _apply(renderer, [user])
        conversation = _apply(renderer, [user, answer], generation=False)
    except Exception:  # noqa: BLE001  a template need not render answers
        return ""
    if not conversation.startswith(prompt):
        return ""
    gap = conversation[len(prompt) :].partition(_PROBE_ANSWER)[0]
    return gap if gap.isspace() else ""


def _fold_system_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The same turns, with what the system says put before the first user turn."""
    system = [part for turn in turns if turn.role == "system" for part in (*turn.parts, "\n\n")]
    others = [turn for turn in turns if turn.role != "system"]
    if not system or not others:
        return tuple(others)
    first = Turn(role=others[0].role, parts=(*system, *others[0].parts))
    return (first, *others[1:])
