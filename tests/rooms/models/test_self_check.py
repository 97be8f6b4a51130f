"""What the model is shown is what was meant, and this is known before the first answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.models.batch_checks import BatchMode, Trait
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.models.processor import PromptProcessor
from pytest_mmbench.models.self_check import choose_samples
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn

Asks = Callable[..., Request]
Models = Callable[[str], LocalModel]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

QUESTION = "How many are there?\nA. one\nB. two\nAnswer with the letter."
SHOWN = "{{ part['text'] }}"
LETTERS = ("A", "B")


@pytest.fixture
def with_template(checkpoints: Checkpoints, tmp_path: Path) -> Callable[[str], LocalModel]:
    """Loads a tiny LLaVA whose chat template shows texts in another way."""

    def load_copy(shown: str) -> LocalModel:
        folder = shutil.copytree(checkpoints("llava"), tmp_path / "copy")
        template = folder / "chat_template.jinja"
        template.write_text(template.read_text().replace(SHOWN, shown))
        return load(str(folder), device="cpu")

    return load_copy


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ("{{ part['text'].split('\n')[0] }}", "A."),
        ("{{ part['text'].replace('B. two', '') }}", "B."),
        ("{{ part['text'][:30] }}", "two"),
        ("{{ part['text'] if part['text'] | length < 20 else part['text'][9:] }}", "How"),
        ("{{ part['text'].replace('two', 'tw') }}", "two"),
    ],
)
def test_a_template_that_drops_options(
    with_template: Callable[[str], LocalModel], ask: Asks, shown: str, missing: str
) -> None:
    """A model would answer all the same; the run ends and names the first word that is lost."""
    request = ask(QUESTION, 1, options=LETTERS)
    with pytest.raises(CheckpointError, match="the chat template drops a part") as caught:
        with_template(shown).rank([request])
    assert caught.value.facts["first missing"] == repr(missing)
    assert caught.value.facts["sample"] == request.sample


@pytest.mark.parametrize(
    "shown",
    [
        "{{ part['text'] | trim }}",
        "{{ part['text'].replace('\n', ' ') }}",
        "{{ '[INST]' + part['text'] + '[/INST]' }}",
    ],
)
def test_a_template_that_shows_all_in_its_own_way(
    with_template: Callable[[str], LocalModel], ask: Asks, shown: str
) -> None:
    """White space and marks of its own are no loss."""
    assert with_template(shown).rank([ask(f" {QUESTION}\n", 1, options=LETTERS)])


def cut(places: slice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every processor drop tokens, as one with a small maximum length does."""
    encode = PromptProcessor.encode

    def cut_tokens(self: PromptProcessor, *texts_and_pictures: Any) -> dict[str, Any]:
        inputs = encode(self, *texts_and_pictures)
        shape = inputs["input_ids"].shape
        for name, value in inputs.items():
            if getattr(value, "shape", None) == shape:
                kept = [*range(shape[1])]
                del kept[places]
                inputs[name] = value[:, torch.tensor(kept)]
        return inputs

    monkeypatch.setattr(PromptProcessor, "encode", cut_tokens)


@pytest.mark.parametrize("method", ["rank", "generate"])
@pytest.mark.parametrize(
    ("places", "problem"),
    [
        (slice(-1, None), "cuts the end of the prompt"),
        (slice(-3, None), "cuts the end of the prompt"),
        (slice(-30, None), "drops a part of the prompt"),
        (slice(-20, -12), "drops a part of the prompt"),
        (slice(0, -9), "drops a part of the prompt"),
    ],
)
@pytest.mark.parametrize("name", ["llama", "llava", "instructblip_t5"])
def test_a_processor_that_cuts(  # noqa: PLR0917  three fixtures, and what varies
    checkpoints: Checkpoints,
    ask: Asks,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    places: slice,
    problem: str,
    method: str,
) -> None:
    """Question, options and generation prompt have to be there, wherever the cut is."""
    if name == "instructblip_t5" and places == slice(-1, None):
        pytest.skip("its last token closes an encoder's prompt, and says nothing")
    model = load(str(checkpoints(name)), device="cpu")
    request = ask(QUESTION, *(() if name == "llama" else (1,)), options=LETTERS)
    assert model.most_pictures >= 0  # known before the processor is broken
    cut(places, monkeypatch)
    asked = replace(request, type=RequestType(method), new_tokens=2)
    with pytest.raises(CheckpointError, match=problem) as caught:
        getattr(model, method)([asked])
    assert "tokenizer_config.json" in caught.value.facts["what to do"]


def test_a_picture_that_the_template_drops(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pictures need two places."""
    model = load(str(checkpoints("llava")), device="cpu")
    assert model.most_pictures > 1
    render = type(model.processor.template).render

    def show_one(self: Any, prompt: Prompt, **settings: Any) -> str:
        return render(self, prompt, **settings).replace("<image><image>", "<image>")

    monkeypatch.setattr(type(model.processor.template), "render", show_one)
    with pytest.raises(CheckpointError, match="chat template drops a picture"):
        model.rank([ask(QUESTION, 1, 2, options=LETTERS)])


def test_words_that_the_tokenizer_does_not_know_are_no_cut(
    checkpoints: Checkpoints, tmp_path: Path, ask: Asks
) -> None:
    """They are shown as it writes them; a tokenizer without them is no fault of the prompt."""
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    folder = shutil.copytree(checkpoints("llama"), tmp_path / "copy")
    words = ["<pad>", "<s>", "</s>", "<unk>", "how", "many", "user", "assistant", ":", "?", "red"]
    vocabulary = {word: place for place, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    wrapped: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
    )
    wrapped.chat_template = (folder / "chat_template.jinja").read_text()
    wrapped.save_pretrained(folder)
    model = load(str(folder), device="cpu")
    assert model.rank([ask("how many zebras, 斑马?", options=("red", "zebra"))])


def questions(ask: Asks, count: int = 20) -> list[Request]:
    """Longer and longer, about pictures of several sizes, and half of them without any."""
    sizes = ((20, 28), (40, 16), (16, 16))
    shown = [ask("How?" * (at + 1), at, size=sizes[at % 3]) for at in range(count // 2)]
    return [*shown, *(ask("Which?" * (at + 1)) for at in range(count // 2))]


def test_a_few_unequal_requests_are_chosen(ask: Asks) -> None:
    """The longest is compared and not asked; the others differ in length and in picture size."""
    requests = questions(ask)
    pictures, text = choose_samples(requests)
    assert (pictures.longest, text.longest) == (requests[9], requests[-1])
    for sample in (pictures, text):
        lengths = {request.prompt.length for request in sample.batch}
        assert len(lengths) > 1
        assert len(sample.batch) <= 3
        assert sample.longest not in sample.batch


def test_pictures_that_cannot_be_read_are_passed_over(ask: Asks) -> None:
    """They are told, counted or skipped when they are asked."""

    def torn() -> bytes:
        raise DataError("picture is torn.")

    def denied() -> bytes:
        raise PermissionError(13, "Permission denied")

    good = ask("Which?", 1)
    bad = [
        replace(good, prompt=Prompt(turns=(Turn(role="user", parts=(shown, "How?")),)))
        for shown in (Picture(name="a", read=torn), Picture(name="b", read=denied))
    ]
    assert choose_samples(bad) == []
    (sample,) = choose_samples([*bad, good])
    assert sample == (good, (good,))


@pytest.mark.parametrize("method", ["rank", "generate"])
def test_it_costs_at_most_fifteen_prompts_of_each_kind(
    checkpoints: Checkpoints, ask: Asks, method: str
) -> None:
    """One per cent of 1,500, and then no batch of the run is compared again."""
    model = load(str(checkpoints("llava")), device="cpu")
    requests = [
        replace(request, type=RequestType(method), options=request.options * (method == "rank"))
        for request in questions(ask)
    ]
    rows: list[int] = []

    def count(_network: Any, _args: Any, inputs: dict[str, Any]) -> None:
        cache = inputs.get("past_key_values")
        if not (cache and cache.get_seq_length()):  # a whole prompt, not what goes on from one
            rows.append(len(inputs["input_ids"]))

    model._network.register_forward_pre_hook(count, with_kwargs=True)
    model.self_check(requests)
    assert sum(rows) <= 2 * 15

    rows.clear()
    states = {mode: dict(found) for mode, found in model._sharing.checks.states.items()}
    getattr(model, method)(requests)
    assert sum(rows) == len(requests)
    assert model._sharing.checks.states == states
    mode = BatchMode.PROMPTS if method == "rank" else BatchMode.GENERATE
    assert {Trait.PADDING, Trait.PICTURE_SIZES} <= set().union(*states[mode, True])


@pytest.mark.parametrize("name", ["llava", "llama", "paligemma", "instructblip_t5", "emu3"])
def test_answers_are_the_same_with_and_without_it(
    checkpoints: Checkpoints, ask: Asks, name: str
) -> None:
    """It asks for itself: what the run is told is what it would have been told."""
    requests: Sequence[Request] = questions(ask)
    requests = requests[10:] if name == "llama" else requests[:10]
    checked, unchecked = (load(str(checkpoints(name)), device="cpu") for _ in range(2))
    checked.self_check(requests)
    expected = [unchecked.rank([request])[0] for request in requests]
    for one, other in zip(checked.rank(requests), expected, strict=True):
        found = [option.logprob for option in one.option_logprobs]
        assert found == pytest.approx([o.logprob for o in other.option_logprobs], abs=1e-4)
