"""What a chat template accepts, and what it writes around an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.template import THINKING_SWITCHES, ChatTemplate, Message, read_template
from pytest_mmbench.records import Picture, Prompt, Turn

pytestmark = pytest.mark.torch

PICTURE = Picture(name="cat.png", read=lambda: b"")
PROMPT = Prompt(
    turns=(
        Turn(role="system", parts=("Be brief.",)),
        Turn(role="user", parts=("Is this", PICTURE, "a cat?")),
    )
)


class Template:
    """A chat template written in Python."""

    chat_template = "written in Python"

    def __init__(self, show: Callable[[Message], str], prompt: str = "A:") -> None:
        self.show = show
        self.prompt = prompt

    def apply_chat_template(
        self, conversation: list[Message], *, add_generation_prompt: bool, tokenize: bool
    ) -> str:
        shown = "".join(self.show(message) for message in conversation)
        return shown + (self.prompt if add_generation_prompt else "")


class Silent:
    """A tokenizer without a chat template."""

    chat_template = None

    def apply_chat_template(
        self, conversation: list[Message], *, add_generation_prompt: bool, tokenize: bool
    ) -> str:
        raise AssertionError


def parts(message: Message) -> str:
    """Wants lists of parts."""
    content = "".join("<image>" if p["type"] == "image" else p["text"] for p in message["content"])
    return f"{message['role'][0].upper()}: {content}\n"


def strings(message: Message) -> str:
    """Wants strings, and fails on anything else."""
    content: str = message["content"]
    return str(message["role"])[0].upper() + ": " + content + "\n"


def careless(message: Message) -> str:
    """Writes whatever it is given, as Jinja does with a list."""
    return f"{message['role']}: {message['content']}\n"


def no_system(message: Message) -> str:
    """Refuses what the system says."""
    if message["role"] == "system":
        raise ValueError("System role not supported")
    return parts(message)


def deaf(message: Message) -> str:
    """Drops what the system says without a word."""
    return "" if message["role"] == "system" else parts(message)


def read(renderer: Any, **more: Any) -> ChatTemplate:
    """Read a template as a checkpoint's loader does."""
    settings = {"processor": renderer, "tokenizer": Silent(), "placeholder": "<image>"}
    return read_template(**settings | {"checkpoint": "models/tiny"} | more)


def test_pictures_stand_at_their_places() -> None:
    """Text and pictures keep their order."""
    text = read(Template(parts)).render(PROMPT)
    assert text == "S: Be brief.\nU: Is this<image>a cat?\nA:"


@pytest.mark.parametrize("show", [strings, careless])
def test_templates_that_want_strings_get_strings(show: Callable[[Message], str]) -> None:
    """Whether they fail on lists or write them out in Python's way."""
    template = read(Template(show))
    assert not template.takes_parts
    assert "Is this\n<image>\na cat?" in template.render(PROMPT)


@pytest.mark.parametrize("show", [no_system, deaf])
def test_an_unsupported_system_turn_goes_before_the_user_turn(
    show: Callable[[Message], str],
) -> None:
    """Whether the template refuses it or drops it."""
    text = read(Template(show)).render(PROMPT)
    assert text == "U: Be brief.\n\nIs this<image>a cat?\nA:"


@pytest.mark.parametrize(("prompt", "between"), [("A:", " "), ("A: ", ""), ("B:", "")])
def test_the_template_says_what_stands_before_an_answer(prompt: str, between: str) -> None:
    """A finished conversation shows what comes between the generation prompt and the answer."""
    assert read(Template(parts, prompt)).answer_gap == between


def test_thoughts_before_an_answer_are_not_white_space() -> None:
    """What a template writes there besides white space is left out."""

    def thinks(message: Message) -> str:
        return parts(message).replace("A: ", "A:<think></think>")

    assert read(Template(thinks)).answer_gap == ""


class Switched(Template):
    """A template that asks for reasoning, or for none, by an argument of its own."""

    def __init__(self, switch: str, *, shows: bool = True) -> None:
        super().__init__(parts)
        self.chat_template = f"{{% if {switch} %}} ..."
        self.switch = switch
        self.shows = shows

    def apply_chat_template(
        self,
        conversation: list[Message],
        *,
        add_generation_prompt: bool,
        tokenize: bool,
        **settings: bool,
    ) -> str:
        assert settings.keys() <= {self.switch}
        self.prompt = "A:<think>\n" if settings.get(self.switch) and self.shows else "A:"
        shown = super().apply_chat_template(
            conversation, add_generation_prompt=add_generation_prompt, tokenize=tokenize
        )
        return str(shown)


@pytest.mark.parametrize("switch", THINKING_SWITCHES)
def test_thinking_is_an_argument_of_the_template(switch: str) -> None:
    """Whatever it is called there; where nothing is set the template does as it does by itself."""
    template = read(Switched(switch))
    texts = [template.render(PROMPT, thinking=thinking) for thinking in (None, False, True)]

    assert texts[0] == texts[1]
    assert texts[2] == texts[0] + "<think>\n"
    opened = [template.opened_thought(thinking=thinking) for thinking in (None, False, True)]
    assert opened == ["", "", "<think>"]


@pytest.mark.parametrize(
    "template", [Template(parts), Switched("enable_thinking", shows=False), Switched("effort")]
)
def test_thinking_is_refused_where_the_template_has_no_argument_for_it(template: Template) -> None:
    """One that it names without a use is none; nothing is shown that was not asked for."""
    with pytest.raises(CheckpointError, match="thinking = false is set") as caught:
        read(template).render(PROMPT, thinking=False)

    assert caught.value.facts["looked for"] == "enable_thinking, thinking"


def test_the_tokenizer_stands_in_for_the_processor() -> None:
    """Some processors leave the template to their tokenizer."""
    template = read(Silent(), tokenizer=Template(parts))
    assert template.render(PROMPT).startswith("S: Be brief.")


def test_a_checkpoint_without_a_template_is_refused() -> None:
    """No template is made up for it."""
    with pytest.raises(CheckpointError) as caught:
        read(Silent())
    text = str(caught.value)
    assert text.startswith("mmbench: checkpoint 'models/tiny' has no chat template.")
    assert "chat_template.jinja" in text


def test_a_template_that_shows_nothing_is_refused() -> None:
    """A template that drops the question would let the model guess."""
    with pytest.raises(CheckpointError, match="does not show what the user says"):
        read(Template(lambda message: "<turn>"))


def test_a_refused_conversation_is_told_with_its_roles() -> None:
    """What the template's author wrote is passed on."""

    def alternates(message: Message) -> str:
        if message["role"] == "assistant":
            raise ValueError("Conversation roles must alternate")
        return parts(message)

    template = read(Template(alternates))
    turns = (Turn(role="user", parts=("?",)), Turn(role="assistant", parts=("!",)))
    with pytest.raises(CheckpointError) as caught:
        template.render(Prompt(turns=turns))
    assert "roles    user, assistant" in str(caught.value)
    assert "ValueError: Conversation roles must alternate" in str(caught.value)
