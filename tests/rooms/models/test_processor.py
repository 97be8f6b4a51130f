"""How requests become tokens: pictures that a checkpoint takes, its chat template, its options."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchvision_checkpoints import BUILDERS, marked

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models import processor
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.models.processor import continuation_tokens, with_gap
from pytest_mmbench.protocols import MANY
from pytest_mmbench.records import Answer, Picture, Prompt, Request, RequestType, Turn

Checkpoints = Callable[[str], Path]
Models = Callable[[str], LocalModel]
Asks = Callable[..., Request]

pytestmark = pytest.mark.torch

MOST = {
    "llama": 0,
    "llava": MANY,
    "llava_next": MANY,
    "idefics3": MANY,
    "gemma3": MANY,
    "paligemma": MANY,
    "instructblip_t5": 1,
    "instructblip_opt": 1,
    **dict.fromkeys(BUILDERS, MANY),
}
NEEDING = {"paligemma", "instructblip_t5", "instructblip_opt"}
TEMPLATE = "chat_template.jinja"
WORD = "{{ part['text'] }}"


@pytest.mark.parametrize("name", marked(*MOST))
def test_every_architecture_tells_what_it_can_be_shown(name: str, checkpoints: Checkpoints) -> None:
    """Nothing, one picture, or any number; with or without need. No weight is read for it."""
    model = load(str(checkpoints(name)), device="cpu")

    assert model.most_pictures == MOST[name]
    assert model.needs_picture == (name in NEEDING)
    assert "_network" not in vars(model)


@pytest.mark.parametrize("name", marked(*(name for name, most in MOST.items() if most == MANY)))
def test_as_many_as_it_says_are_looked_at(name: str, models: Models, ask: Asks) -> None:
    """Another second or third picture is another answer."""
    one, other = models(name).rank([ask("Which?", 1, 2, last) for last in (3, 4)])

    assert moved(one, other) > 1e-4


def moved(one: Answer, other: Answer) -> float:
    """The largest change of a likelihood, in nats."""
    pairs = zip(one.option_logprobs, other.option_logprobs, strict=True)
    return max(abs(a.logprob - b.logprob) for a, b in pairs)


DROPS_THE_SECOND = "{% if loop.index == 1 %}<image>{% endif %}"
DROPS_ALL = ""
REFUSES_THE_SECOND = "{% if loop.index > 1 %}{{ raise_exception('one picture') }}{% endif %}<image>"


@pytest.mark.parametrize("name", ["llava", "llava_next", "idefics3"])
@pytest.mark.parametrize("writes", [DROPS_THE_SECOND, DROPS_ALL, REFUSES_THE_SECOND])
def test_a_template_that_shows_one_picture(
    name: str, writes: str, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    """Whether it drops the second one in silence or refuses it: one is all that can be shown."""
    folder = shutil.copytree(checkpoints(name), tmp_path / name)
    template = (folder / TEMPLATE).read_text()
    assert "<image>" in template
    (folder / TEMPLATE).write_text(template.replace("<image>", writes))

    assert load(str(folder), device="cpu").most_pictures == 1


def test_dtype_and_device_are_told(checkpoints: Checkpoints) -> None:
    """Reports show them, and noise is estimated from the first."""
    model = load(str(checkpoints("llava")), device="cpu", dtype="bfloat16")

    assert (model.dtype, model.device) == ("bfloat16", "cpu")


INTERLEAVED = ("llava", "llava_next", "idefics3")


def request(*parts: str | Picture) -> Request:
    prompt = Prompt(turns=(Turn(role="user", parts=parts),))
    return Request(
        sample="q1",
        type=RequestType.LOGLIKELIHOOD,
        prompt=prompt,
        options=("red", "green and blue"),
    )


@pytest.mark.parametrize("name", INTERLEAVED)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=st.lists(st.sampled_from([None, " red", " green", " many"]), min_size=1, max_size=6))
def test_pictures_stand_between_texts_where_they_were_put(
    name: str, shown: list[str | None], models: Models
) -> None:
    """In the tokens that the network reads, texts and placeholders come in the order of parts."""
    model = models(name)
    token = str(model.processor.processor.image_token)
    parts = [Picture(name="p", read=bytes) if text is None else text for text in shown]
    text = model.processor.template.render(request(*parts).prompt)
    body = text.partition("user: ")[2].partition("\nassistant:")[0]

    assert body == "".join(token if part is None else part for part in shown)


@pytest.mark.parametrize("name", INTERLEAVED)
def test_the_network_reads_pictures_between_texts(name: str, models: Models, ask: Asks) -> None:
    """What a processor makes of a placeholder stays between the words that it stood between."""
    model, (one, other) = models(name), ask("", 1, 2).prompt.pictures
    inputs = model._sharing.encoder.encode([request(one, "#", other, "%")]).inputs
    words = model.processor.tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    shown = [at for at, word in enumerate(words) if word == "<image>"]
    between, after = words.index("#"), words.index("%")
    first = sum(at < between for at in shown)

    assert first == sum(between < at < after for at in shown) == len(shown) / 2 > 0


@pytest.mark.parametrize("name", INTERLEAVED)
def test_which_picture_stands_where_matters(name: str, models: Models, ask: Asks) -> None:
    """Pictures that change places, or stand side by side, are asked about differently."""
    one, other = ask("", 1, 2).prompt.pictures
    plain, swapped, beside = models(name).rank(
        [
            request(one, "red", other, "green"),
            request(other, "red", one, "green"),
            request(one, other, "red", "green"),
        ]
    )

    assert moved(plain, swapped) > 1e-3
    assert moved(plain, beside) > 1e-3


BOX = 4
SIZES = ((1, 1), (60, 3), (3, 60), (333, 251), (20, 28), (900, 700))


def logs(answers: list[Answer]) -> list[float]:
    return [option.logprob for answer in answers for option in answer.option_logprobs]


@pytest.fixture
def boxed(checkpoints: Checkpoints, tmp_path: Path) -> Path:
    """A checkpoint that makes pictures smaller by Pillow's box filter, as those of this project."""
    folder = shutil.copytree(checkpoints("llava"), tmp_path / "boxed")
    file = folder / "processor_config.json"
    config = json.loads(file.read_bytes())
    image_settings = config["image_processor"]
    image_settings |= {"resample": BOX, "image_processor_type": "CLIPImageProcessor"}
    file.write_text(json.dumps(config))
    return folder


def test_a_filter_of_pillow_is_left_to_pillow(
    boxed: Path, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torchvision knows the name of it only, and would end the run at the first picture."""
    usual = transformers.AutoProcessor

    def loaded(path: Path, **settings: Any) -> Any:
        result = usual.from_pretrained(path, **settings)  # type: ignore[no-untyped-call]
        if "backend" not in settings:
            result.image_processor = SimpleNamespace(backend="torchvision", resample=BOX)
        return result

    monkeypatch.setattr(processor, "AutoProcessor", SimpleNamespace(from_pretrained=loaded))
    model = load(str(boxed), device="cpu")

    assert model.processor.image_backend == "CLIPImageProcessorPil"
    assert not model.processor.uses_torchvision
    assert model.rank([ask("How?", 1, size=(90, 70))])


@pytest.mark.parametrize("name", marked(*BUILDERS))
def test_torchvision_prepares_what_its_processors_show(name: str, models: Models) -> None:
    """So that its version is part of the fingerprint."""
    assert models(name).processor.uses_torchvision


@pytest.mark.parametrize("name", marked(*BUILDERS))
def test_pictures_of_any_size_are_asked_in_one_batch(name: str, models: Models, ask: Asks) -> None:
    """Tiles, rows of patches and grids differ from prompt to prompt, and change nothing."""
    # Mistral 3's network in transformers fails on a single picture that comes to one token.
    sizes = [size for size in SIZES if name != "mistral3" or size != (1, 1)]
    requests = [ask("How?", at, at + 9, size=size) for at, size in enumerate(sizes)]
    requests += [ask("What colour is this?", at, size=size) for at, size in enumerate(sizes)]
    together = models(name).rank(requests)
    one_by_one = [models(name).rank([request])[0] for request in requests]

    assert logs(together) == pytest.approx(logs(one_by_one), abs=1e-4)


def test_a_library_that_a_processor_names_is_told(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SmolVLM's needs num2words too: its files are fine, and need not be compared."""

    def lacking(*_: object, **__: object) -> None:
        raise ImportError("Package `num2words` is required to run SmolVLM processor.")

    monkeypatch.setattr(processor, "AutoProcessor", SimpleNamespace(from_pretrained=lacking))
    with pytest.raises(CheckpointError) as caught:
        load(str(checkpoints("llava")), device="cpu")

    assert "num2words" in caught.value.facts["reason"]
    assert caught.value.facts["what to do"] == "install what it names"


def letters(text: str) -> list[int]:
    """One token per letter: nothing reaches across a seam."""
    return [ord(letter) for letter in text]


class Words:
    """A tokenizer that numbers whole words with their leading space, as SentencePiece has them."""

    def __init__(self) -> None:
        self.vocabulary: list[str] = []

    def __call__(self, text: str) -> list[int]:
        lines = ("▁" + text.replace(" ", "▁")).replace("\n", "▁\n")
        pieces = [piece for piece in lines.replace("▁", " ▁").split(" ") if piece]
        self.vocabulary += [piece for piece in pieces if piece not in self.vocabulary]
        return [self.vocabulary.index(piece) for piece in pieces]

    def text(self, tokens: tuple[int, ...]) -> list[str]:
        return [self.vocabulary[token] for token in tokens]


@given(prompt=st.text(max_size=20), option=st.text(min_size=1, max_size=20))
def test_where_no_token_reaches_across_the_option_is_itself(prompt: str, option: str) -> None:
    """Prompt and option together are then the prompt's tokens and the option's."""
    assert continuation_tokens(letters, option, after=prompt) == tuple(letters(option))


def test_a_word_after_a_word_keeps_its_space() -> None:
    """The usual case: the template's white space makes the option a word of its own."""
    words = Words()
    tokens = continuation_tokens(words, with_gap("a cat", " "), after="Is this a dog? ASSISTANT:")
    assert words.text(tokens) == ["▁a", "▁cat"]


def test_an_option_that_grows_together_with_the_prompt_is_not_lost() -> None:
    """Without white space the last word of the prompt would change: the option stands alone."""
    words = Words()
    tokens = continuation_tokens(words, "cat", after="Is this a dog? ASSISTANT:")
    assert words.text(tokens) == ["▁cat"]


def test_an_empty_option_has_no_tokens() -> None:
    """Its likelihood would mean nothing; the caller refuses it."""
    assert continuation_tokens(letters, "", after="Answer:") == ()


@pytest.mark.parametrize(
    ("option", "text"), [("cat", " cat"), (" cat", " cat"), ("\ncat", "\ncat")]
)
def test_an_option_gets_white_space_once(option: str, text: str) -> None:
    """A benchmark that writes its own is left alone."""
    assert with_gap(option, " ") == text
