"""The law of asking: batches and shared caches change nothing."""

from __future__ import annotations

import importlib.util
import inspect
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision_checkpoints
from memory_store import MemoryStore
from tiny_checkpoints import edit
from torchvision_checkpoints import marked

from pytest_mmbench.errors import CheckpointError, DataError, MMBenchError, SettingsError
from pytest_mmbench.evaluation.inference.plan import TaskPlan
from pytest_mmbench.evaluation.inference.request_queue import RequestQueue
from pytest_mmbench.models import loglikelihood
from pytest_mmbench.models.batch_checks import BatchMode, CheckState
from pytest_mmbench.models.local import LocalModel, load, silence_transformers
from pytest_mmbench.records import (
    Answer,
    OptionLogprob,
    Picture,
    Prompt,
    Request,
    RequestType,
    Turn,
)

Asks = Callable[..., Request]
Models = Callable[[str], LocalModel]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

SEVERAL_PICTURES = (
    *("llava", "llava_next", "idefics3", "gemma3"),
    *torchvision_checkpoints.BUILDERS,
)
WITHOUT_PICTURES = ("llama", *SEVERAL_PICTURES)
ALL = ("llama", *SEVERAL_PICTURES, "paligemma", "instructblip_t5", "instructblip_opt")


def questions(name: str, ask: Asks) -> list[Request]:
    """Questions of different lengths, with as many and as few pictures as the model can take."""
    requests = []
    if name != "llama":
        requests += [
            ask("What colour is this?", 1),
            ask("How?", 2, options=("green", "red")),
            ask("What colour is this, and how many are there?", 3, size=(40, 16)),
        ]
    if name in SEVERAL_PICTURES:
        requests += [
            ask("How many are there?", 4, 5),
            ask("Which?", 6, 7, options=("red", "a b c d")),
        ]
    if name in WITHOUT_PICTURES:
        requests += [ask("How many?"), ask("What colour is this, and how many are there?")]
    return requests


def logs(answer: Answer) -> list[float]:
    return [option.logprob for option in answer.option_logprobs]


def naive(model: LocalModel, request: Request) -> list[OptionLogprob]:
    """Each option by a forward pass of its own over one sequence without any padding."""
    network, encoder = model._network, model._sharing.encoder
    with torch.inference_mode(), silence_transformers():
        inputs = encoder.encode([request]).inputs
        return [
            OptionLogprob(logprob=_whole(network, inputs, tokens), tokens=len(tokens))
            for tokens in encoder.option_tokens([request], inputs)[0]
        ]


def _whole(network: Any, inputs: dict[str, Any], tokens: tuple[int, ...]) -> float:
    option = torch.tensor([tokens])
    if getattr(network.config, "text_config", network.config).is_encoder_decoder:
        return float(-network(**inputs, labels=option).loss * len(tokens))
    start = inputs["input_ids"].shape[1]
    types = 1 if network.config.model_type == "paligemma" else 0
    more = {"attention_mask": 1, "token_type_ids": types, "mm_token_type_ids": 0}
    longer = {
        key: torch.cat([inputs[key], torch.full_like(option, value)], dim=1)
        for key, value in more.items()
        if key in inputs
    }
    ids = torch.cat([inputs["input_ids"], option], dim=1)
    logits = network(**inputs | longer | {"input_ids": ids}).logits[0].double().log_softmax(-1)
    return sum(float(logits[start + i - 1, token]) for i, token in enumerate(tokens))


@pytest.mark.parametrize("name", marked(*ALL))
def test_ranks_as_a_naive_forward_pass_per_option(name: str, models: Models, ask: Asks) -> None:
    """Whatever is shared or batched, the likelihoods are those of the definition."""
    model = models(name)
    for request, answer in zip(questions(name, ask), model.rank(questions(name, ask)), strict=True):
        expected = naive(model, request)
        assert logs(answer) == pytest.approx([option.logprob for option in expected], abs=1e-4)
        assert [option.tokens for option in answer.option_logprobs] == [
            option.tokens for option in expected
        ]


@pytest.mark.parametrize("name", marked(*ALL))
def test_ranks_in_a_batch_as_one_by_one(name: str, models: Models, ask: Asks) -> None:
    """A request's likelihoods do not depend on its neighbours."""
    model, requests = models(name), questions(name, ask)
    together = model.rank(requests)
    assert [answer.sample for answer in together] == [request.sample for request in requests]
    for request, answer in zip(requests, together, strict=True):
        assert logs(answer) == pytest.approx(logs(model.rank([request])[0]), abs=1e-4)


@pytest.mark.parametrize("name", marked(*ALL))
def test_generates_in_a_batch_as_one_by_one(name: str, models: Models, ask: Asks) -> None:
    """A request's text does not depend on its neighbours."""
    model, requests = models(name), questions(name, ask)
    together = model.generate(requests)
    assert together == [model.generate([request])[0] for request in requests]
    assert any(answer.text for answer in together)


@pytest.mark.parametrize("name", marked("llama", *SEVERAL_PICTURES, "paligemma"))
def test_shares_the_cache(name: str, models: Models, ask: Asks) -> None:
    """Decoders are asked the fast way, after it was checked against the plain one."""
    model = models(name)
    model.rank(questions(name, ask)[:1])
    states = model._sharing.checks.states[BatchMode.PROMPTS, name != "llama"]
    assert {*states.values()} == {CheckState.PASSED}


def test_what_is_compared_would_show_a_difference(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt without padding, or whose options are one token each, says nothing of a cache."""
    long, middle = "What colour is this, and how many are there?", "What colour is this?"
    requests = [ask(long * 2), ask(long, options=("red", "blue")), ask(middle), ask("How?")]
    expected = load(str(checkpoints("llama")), device="cpu")
    one_by_one = [logs(expected.rank([request])[0]) for request in requests]

    def by_padding(_network: object, inputs: Any, rows: torch.Tensor) -> torch.Tensor:
        shown: torch.Tensor = inputs["attention_mask"][rows]
        return (shown == 0).sum(-1, keepdim=True)

    monkeypatch.setattr(loglikelihood, "_position_shift", by_padding)
    model = load(str(checkpoints("llama")), device="cpu")
    answers = model.rank(requests)
    states = model._sharing.checks.states[BatchMode.PROMPTS, False]
    assert CheckState.FAILED in states.values()
    for answer, logprobs in zip(answers, one_by_one, strict=True):
        assert logs(answer) == pytest.approx(logprobs, abs=1e-4)


@pytest.mark.parametrize("name", marked(*(name for name in ALL if name != "llama")))
def test_looks_at_the_picture(name: str, models: Models, ask: Asks) -> None:
    """Another picture gives other likelihoods: what is tested above is not blind."""
    model = models(name)
    one, other = model.rank([ask("What colour is this?", seed) for seed in (1, 9)])
    assert max(abs(a - b) for a, b in zip(logs(one), logs(other), strict=True)) > 1e-3


def refusal(folder: Path, **settings: Any) -> str:
    """What loading says against a checkpoint."""
    with pytest.raises(MMBenchError) as caught:
        load(str(folder), **{"device": "cpu", **settings})
    return str(caught.value)


def test_an_unknown_architecture_is_told_with_the_nearest_one(copy: Checkpoints) -> None:
    """The list of all architectures would fill screens, and is left out."""
    folder = copy("llama")
    edit(folder / "config.json", model_type="lama")
    text = refusal(folder)
    assert text.startswith("mmbench: architecture 'lama' is not known to the installed")
    assert "did you mean   'llama'?" in text
    assert len(text.splitlines()) == 4


def test_code_of_its_own_is_not_run_unasked(copy: Checkpoints) -> None:
    """The reader is told to look at it first."""
    folder = copy("llama")
    auto_map = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    edit(folder / "config.json", model_type="own", auto_map=auto_map)
    (folder / "own.py").write_text("raise SystemExit('ran')")
    assert "can only be loaded with Python code of its own." in refusal(folder)


def test_a_model_that_does_not_answer_in_text(copy: Checkpoints) -> None:
    """A picture classifier is no candidate."""
    folder = copy("llama")
    edit(folder / "config.json", model_type="vit")
    assert "architecture 'vit' does not answer in text." in refusal(folder)


def test_no_chat_template(copy: Checkpoints) -> None:
    """No template is made up."""
    folder = copy("llava")
    (folder / "chat_template.jinja").unlink()
    assert "has no chat template." in refusal(folder)


def test_no_token_to_pad_with(copy: Checkpoints) -> None:
    """Neither pad nor end token: batches cannot be made."""
    folder = copy("llama")
    edit(folder / "tokenizer_config.json", pad_token=None, eos_token=None)
    assert "has neither a pad token nor an end token." in refusal(folder)


def test_the_end_token_pads_if_it_must(copy: Checkpoints, ask: Asks, models: Models) -> None:
    """Llama checkpoints come without a pad token; padding is masked, so nothing changes."""
    folder = copy("llama")
    edit(folder / "tokenizer_config.json", pad_token=None)
    requests = [ask("How many?"), ask("What colour is this?")]
    assert load(str(folder), device="cpu").rank(requests) == models("llama").rank(requests)


@pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is not None, reason="torchvision is installed"
)
@pytest.mark.parametrize("processor", ["PixtralProcessor", "Qwen2VLProcessor", "SmolVLMProcessor"])
def test_a_processor_that_needs_torchvision(copy: Checkpoints, processor: str) -> None:
    """The missing library is named: its pictures or its videos cannot be prepared without."""
    folder = copy("llava")
    edit(folder / "processor_config.json", processor_class=processor)
    text = refusal(folder)
    assert "needs torchvision, which is not installed" in text
    assert "pip install torchvision" in text


def test_a_broken_tokenizer(copy: Checkpoints) -> None:
    """What the parser says is passed on in one line."""
    folder = copy("llama")
    (folder / "tokenizer.json").write_text("{")
    text = refusal(folder)
    assert "the processor of checkpoint" in text
    assert len(text.splitlines()) == 3


def test_unknown_settings(checkpoints: Checkpoints) -> None:
    """Devices and dtypes are checked before anything heavy is read."""
    folder = checkpoints("llama")
    assert "did you mean   'bfloat16'?" in refusal(folder, dtype="bfloat")
    assert "there is no device 'gpu' here." in refusal(folder, device="gpu")
    with pytest.raises(SettingsError):
        load(str(folder), device="cpu", dtype="int8")


@pytest.mark.parametrize("device", ["cpu:", "cpu:one", "cuda:2", "cuda:-1"])
def test_a_device_that_is_not_there(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    """Neither a slip behind the colon nor a number too high waits for the weights to be read."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    text = refusal(checkpoints("llama"), device=device)
    assert f"there is no device {device!r} here." in text
    assert "cuda devices   2" in text


def test_a_config_that_names_a_missing_library(copy: Checkpoints) -> None:
    """Some checkpoints are published with an attention that has to be installed."""
    folder = copy("llama")
    edit(folder / "config.json", _attn_implementation="flash_attention_2")
    with pytest.raises(CheckpointError, match="cannot be made of its config") as caught:
        _ = load(str(folder), device="cpu").fingerprint
    assert "FlashAttention2" in caught.value.facts["reason"]


def test_weights_are_read_when_they_are_needed(checkpoints: Checkpoints, ask: Asks) -> None:
    """Name and fingerprint cost no weights: a run whose answers are all stored reads none."""
    model = load(str(checkpoints("llava")), device="cpu")
    assert len(model.fingerprint) == 64
    assert "_network" not in vars(model)
    model.rank([ask("How?", 1)])
    assert "_network" in vars(model)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_checkpoint_that_changes_meanwhile_is_not_asked(
    copy: Checkpoints, ask: Asks, name: str
) -> None:
    """Answers of new weights would be kept under the fingerprint of the old ones."""
    folder = copy("llama")
    model = load(str(folder), device="cpu")
    assert model.fingerprint
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(CheckpointError, match="changed while it was in use") as caught:
        model.rank([ask("How many?")])
    assert caught.value.facts["first changed"] == name


def test_a_checkpoint_that_changes_in_use_is_told_apart(copy: Checkpoints, ask: Asks) -> None:
    """On a CPU the network computes with the file's bytes: they may be another network's by now."""
    folder = copy("llama")
    model = load(str(folder), device="cpu")
    model.rank([ask("How many?")])
    model.check_unchanged()
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\0\0\0\0")
    with pytest.raises(CheckpointError, match="changed while it was in use"):
        model.check_unchanged()


def test_settings_of_the_run_are_in_the_fingerprint(checkpoints: Checkpoints) -> None:
    """The same folder in another dtype gives other answers."""
    folder = str(checkpoints("llava"))
    marks = {load(folder, device="cpu", dtype=dtype).fingerprint for dtype in ("auto", "bfloat16")}
    assert len(marks) == 2


SAMPLING: dict[str, dict[str, Any]] = {
    "sampling": {"do_sample": True, "temperature": 5.0, "top_k": 3, "top_p": 0.3, "min_p": 0.2},
    "penalties": {"repetition_penalty": 9.0, "no_repeat_ngram_size": 1, "guidance_scale": 2.0},
    "beams": {"num_beams": 3, "num_return_sequences": 2, "length_penalty": 4.0},
    "lengths": {"min_new_tokens": 40, "min_length": 90, "max_length": 3, "max_new_tokens": 2},
    "suppressed": {"suppress_tokens": [*range(10, 200)], "bad_words_ids": [[9], [10]]},
    "forced": {"forced_bos_token_id": 40, "forced_eos_token_id": 41},
    "biased": {"sequence_bias": [[[40], 10.0]], "exponential_decay_length_penalty": [1, 2.0]},
    "stopped": {"stop_strings": ["a", " "], "max_time": 1e-4},
    "outputs": {"return_dict_in_generate": True, "output_scores": True, "use_cache": False},
}


@pytest.mark.parametrize("kind", SAMPLING)
@pytest.mark.parametrize("name", ["llava", "instructblip_t5"])
def test_sampling_settings_of_the_checkpoint_are_left_out(
    copy: Checkpoints, models: Models, ask: Asks, name: str, kind: str
) -> None:
    """Whatever its authors sample with, the answer is the likeliest token at every step."""
    folder = copy(name)
    edit(folder / "generation_config.json", **SAMPLING[kind])
    requests = [ask("What colour is this?", seed) for seed in range(3)]
    assert load(str(folder), device="cpu").generate(requests) == models(name).generate(requests)


def test_half_precision_answers_nearly_as_float32(
    checkpoints: Checkpoints, models: Models, ask: Asks
) -> None:
    """The dtype that was asked for is the one that is used."""
    requests = [ask("What colour is this?", 1), ask("How?", 2)]
    model = load(str(checkpoints("llava")), device="cpu", dtype="bfloat16")
    for half, full in zip(model.rank(requests), models("llava").rank(requests), strict=True):
        for one, other in zip(half.option_logprobs, full.option_logprobs, strict=True):
            assert one.logprob == pytest.approx(other.logprob, abs=0.5)
            assert one.logprob != other.logprob
    assert model._network.dtype is torch.bfloat16


def test_a_text_only_model_is_not_shown_pictures(models: Models, ask: Asks) -> None:
    """The sample is named, and what to do."""
    with pytest.raises(CheckpointError) as caught:
        models("llama").rank([ask("How?", 1)])
    text = str(caught.value)
    assert "takes no pictures." in text
    assert "sample       How?(1,)" in text


@pytest.mark.parametrize("name", ["instructblip_t5", "paligemma"])
def test_a_model_that_needs_a_picture(name: str, models: Models, ask: Asks) -> None:
    """A Q-Former has nothing to look from, and PaliGemma's processor refuses."""
    with pytest.raises(CheckpointError, match="requires a picture"):
        models(name).rank([ask("How?")])


def test_a_model_that_takes_one_picture(models: Models, ask: Asks) -> None:
    """Its processor would drop the second one without a word."""
    with pytest.raises(CheckpointError, match="takes one picture at a time"):
        models("instructblip_t5").rank([ask("How?", 1, 2)])


def test_what_a_processor_refuses_is_told_with_the_sample(copy: Checkpoints, ask: Asks) -> None:
    """A template without a place for the picture is found out by it, in its own words."""
    folder = copy("idefics3")
    template = folder / "chat_template.jinja"
    template.write_text(template.read_text().replace("<image>", ""))
    with pytest.raises(CheckpointError) as caught:
        load(str(folder), device="cpu").rank([ask("How?", 1)])
    assert "sample   How?(1,)" in str(caught.value)
    assert "Found total 0 <image> tokens and 1 images" in str(caught.value)


@pytest.mark.parametrize("name", ["llama", "llava", "paligemma", "instructblip_t5"])
@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_option_without_text(models: Models, ask: Asks, name: str, empty: str) -> None:
    """An empty option has likelihood one, and would always win; white space says nothing."""
    pictures = () if name == "llama" else (1,)
    with pytest.raises(DataError, match="an option has no text to rank") as caught:
        models(name).rank([ask("Why?", *pictures), ask("How?", *pictures, options=("red", empty))])
    assert caught.value.facts["sample"] == f"How?{pictures}"


def test_a_picture_cut_short(models: Models) -> None:
    """It is an error of the data, and names picture and sample."""
    parts = (Picture(name="cats/1.png", read=lambda: b"\x89PNG"), "How?")
    prompt = Prompt(turns=(Turn(role="user", parts=parts),))
    request = Request(sample="q1", type=RequestType.LOGLIKELIHOOD, prompt=prompt, options=("a",))
    with pytest.raises(DataError, match=r"picture 'cats/1\.png' cannot be read"):
        models("llava").rank([request])


def failing_at(network: torch.nn.Module, height: int) -> Any:
    """The network's forward, which cannot bear one of the words."""
    forward = network.forward

    def fails(*values: Any, **inputs: Any) -> Any:
        ids = inputs["input_ids"]
        if any(height in row for row in ids.tolist()):
            raise RuntimeError("split_with_sizes expects split_sizes to sum exactly to 0")
        return forward(*values, **inputs)

    fails.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    return fails


@pytest.mark.parametrize("at", range(5))
def test_the_sample_at_which_a_batch_fails_is_named(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """It is found by halving: the first one of the batch is innocent, wherever it stands."""
    model = load(str(checkpoints("llava")), device="cpu")
    bad = model.processor.tokenizer("#", add_special_tokens=False)["input_ids"][0]
    monkeypatch.setattr(model._network, "forward", failing_at(model._network, bad))
    questions = [f"How many are there? {'#' if each == at else each}" for each in range(5)]
    requests = [ask(question, 1) for question in questions]
    for method in (model.rank, model.generate):
        with pytest.raises(DataError, match="fails at a sample") as caught:
            method(requests)
        assert caught.value.facts["sample"] == requests[at].sample
        assert "split_with_sizes" in caught.value.facts["reason"]
        assert len(method([each for each in requests if each is not requests[at]])) == 4


def test_what_fails_only_together_is_asked_apart(
    checkpoints: Checkpoints, models: Models, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processors that cannot put unequal pictures into one batch can prepare each of them."""
    model = load(str(checkpoints("llava")), device="cpu")
    forward = model._network.forward

    def single(*values: Any, **inputs: Any) -> Any:
        if len({*inputs["attention_mask"].sum(-1).tolist()}) > 1:
            raise ValueError("Unable to create tensor")
        return forward(*values, **inputs)

    single.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    monkeypatch.setattr(model._network, "forward", single)
    requests = [ask("How?", 1), ask("What colour is this?", 2), ask("How many are there?", 3)]
    assert [logs(answer) for answer in model.rank(requests)] == [
        pytest.approx(logs(answer), abs=1e-4) for answer in models("llava").rank(requests)
    ]


def test_a_run_goes_on_without_the_sample_at_which_it_fails(models: Models, ask: Asks) -> None:
    """Under --mm-bad-rows=skip the others are answered; otherwise the right sample is named."""
    model = models("llava")
    requests = {
        each.sample: each
        for each in (
            ask("How?", 1),
            ask("What colour is this? " * 300, 2),
            ask("Why?", 3, options=("red", "")),
            ask("Which?", 4),
        )
    }
    plan = TaskPlan(task="t", ids=tuple(requests), request=requests.__getitem__, identity="one")
    queue = RequestQueue(model=lambda: model, store=MemoryStore(), plan=[plan])
    answers = queue.answers("t", plan.ids, skip_unreadable_pictures=True)
    good, long, empty, last = requests
    assert list(answers) == [good, last]
    failures = queue.failures("t")
    assert {id: error.facts["sample"] for id, error in failures.items()} == {
        long: long,
        empty: empty,
    }
    with pytest.raises(DataError, match="longer than the network's context") as caught:
        queue.answers("t", [good, long])
    assert caught.value.facts["sample"] == long


THIN = ((2, 500), (500, 2), (1, 1), (1, 300), (300, 1), (3, 3), (1, 2000), (4000, 5))


@pytest.mark.parametrize("name", marked("llava", "llava_next", "idefics3", "gemma3", "qwen2_vl"))
@pytest.mark.parametrize("size", THIN)
def test_a_thin_picture_is_asked_or_refused_by_name(
    models: Models, ask: Asks, name: str, size: tuple[int, int]
) -> None:
    """Whichever it is, it is the same alone and in a batch, and the others are answered."""
    model = models(name)
    others, thin = [ask("How?", 1), ask("What colour is this?", 2)], ask("Thin?", 3, size=size)
    try:
        alone = model.rank([thin])
    except DataError:
        with pytest.raises(DataError) as caught:
            model.rank([*others, thin])
        assert caught.value.facts["sample"] == thin.sample
    else:
        assert logs(model.rank([*others, thin])[2]) == pytest.approx(logs(alone[0]), abs=1e-4)


def test_transparent_pictures_are_noted(checkpoints: Checkpoints, ask: Asks) -> None:
    """Once for the run: a checkpoint's own pipeline may show them otherwise."""
    import PIL.Image  # noqa: PLC0415

    def clear(name: str, colour: tuple[int, int, int, int]) -> Request:
        encoded = io.BytesIO()
        PIL.Image.new("RGBA", (20, 20), colour).save(encoded, "PNG")
        parts = (Picture(name=name, read=encoded.getvalue), "How?")
        turns = (Turn(role="user", parts=parts),)
        return replace(ask("How?"), sample=name, prompt=Prompt(turns=turns))

    model = load(str(checkpoints("llava")), device="cpu")
    model.rank([ask("How?", 1), clear("solid.png", (0, 0, 0, 255))])
    assert not model.notes
    clear_ones = [clear(name, (0, 0, 0, 9)) for name in ("a.png", "b.png")]
    model.rank([*clear_ones, *clear_ones])
    assert model.notes == ("2 pictures have transparent parts, shown on white (first: a.png)",)


def test_a_system_turn_is_shown(models: Models, ask: Asks) -> None:
    """What the system says changes the answer."""
    request = ask("How?", 1)
    system = Turn(role="system", parts=("Be brief.",))
    with_system = Request(
        sample="told",
        type=request.type,
        prompt=Prompt(turns=(system, *request.prompt.turns)),
        options=request.options,
    )
    plain, after = models("llava").rank([request, with_system])
    assert plain.option_logprobs != after.option_logprobs


@pytest.mark.parametrize("name", ["llama", "llava"])
def test_a_template_that_tells_the_date_is_asked_on_one_day(
    copy: Checkpoints, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Tomorrow's prompt is today's: its answer is kept under the same key."""
    folder = copy(name)
    template = folder / "chat_template.jinja"
    template.write_text("{{ strftime_now('%d %b %Y %H:%M') }}\n" + template.read_text())
    monkeypatch.setattr("transformers.utils.chat_template_utils.datetime", None)
    prompt = Prompt(turns=(Turn(role="user", parts=("How?",)),))
    text = load(str(folder), device="cpu").processor.template.render(prompt)
    assert text.startswith("26 Jul 2024 00:00\n")
    assert "How?" in text


def test_nothing_is_printed(
    checkpoints: Checkpoints, ask: Asks, capfd: pytest.CaptureFixture[str]
) -> None:
    """Progress bars and notes of the library stay out of the report."""
    load(str(checkpoints("idefics3")), device="cpu").generate([ask("How?", 1)])
    assert capfd.readouterr() == ("", "")
