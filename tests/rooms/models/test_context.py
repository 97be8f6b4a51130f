"""Prompts that are longer than a network's context are refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import transformers

from pytest_mmbench.errors import DataError
from pytest_mmbench.models.context import context_length
from pytest_mmbench.models.local import LocalModel, load, silence_transformers
from pytest_mmbench.records import Request, RequestType

Asks = Callable[..., Request]
Models = Callable[[str], LocalModel]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "original_max_position_embeddings": 64,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
}


@pytest.mark.parametrize(
    ("rope", "length"),
    [
        (None, 64),
        ({"rope_type": "linear", "factor": 2.0}, 128),
        (YARN, 256),
        (LLAMA3, 64),
    ],
)
def test_a_stretched_context_counts_stretched(rope: dict[str, Any] | None, length: int) -> None:
    """YaRN's configs state the length before stretching, Llama 3's the one behind it."""
    settings: dict[str, Any] = (
        {} if rope is None else {"rope_parameters": {"rope_theta": 1e4, **rope}}
    )
    config = transformers.LlamaConfig(max_position_embeddings=64, **settings)
    assert context_length(config) == length


def test_relative_positions_have_no_end() -> None:
    """T5 counts distances."""
    assert context_length(transformers.T5Config()) is None


def shorten(folder: Path, length: int) -> LocalModel:
    """Load a checkpoint whose context is cut down."""
    file = folder / "config.json"
    config = json.loads(file.read_bytes())
    config.get("text_config", config)["max_position_embeddings"] = length
    file.write_text(json.dumps(config))
    return load(str(folder), device="cpu")


def length_of(model: LocalModel, request: Request) -> int:
    with silence_transformers():
        return int(model._sharing.encoder.encode([request]).inputs["attention_mask"].sum())


@pytest.mark.parametrize("name", ["llama", "llava", "gemma3", "paligemma", "idefics3"])
def test_a_prompt_that_does_not_fit_is_refused_by_name(
    copy: Checkpoints, models: Models, ask: Asks, name: str
) -> None:
    """With its longest option it has to fit; one token more, and it is not asked."""
    pictures = () if name == "llama" else (1,)
    long = ask("What colour is this, and how many are there? " * 3, *pictures)
    requests = [ask("How?", *pictures), long]
    needed = length_of(models(name), long)
    options = [each.tokens for each in models(name).rank([long])[0].option_logprobs]
    model = shorten(copy(name), needed + max(options))
    assert len(model.rank(requests)) == 2
    model = shorten(model.facts.path, needed + max(options) - 1)
    with pytest.raises(DataError, match="longer than the network's context") as caught:
        model.rank(requests)
    assert caught.value.facts["sample"] == long.sample
    assert f"{needed} and {max(options)} of the answer" in str(caught.value)


@pytest.mark.parametrize("name", ["llama", "llava"])
def test_an_answer_ends_with_the_context(
    copy: Checkpoints, models: Models, ask: Asks, name: str
) -> None:
    """It is cut as a server cuts it, by its own prompt and not by those beside it."""
    pictures = () if name == "llama" else (1,)
    asked = (ask("How?", *pictures), ask("What colour is this? " * 4, *pictures))
    requests = [replace(each, type=RequestType.GENERATE, options=()) for each in asked]
    needed = length_of(models(name), requests[1])
    model = shorten(copy(name), needed + 3)
    answers = model.generate(requests)
    assert answers[0] == models(name).generate(requests[:1])[0]
    tokens = model.processor.tokenizer(answers[1].text, add_special_tokens=False)["input_ids"]
    assert 1 <= len(tokens) <= 3 * 4  # bytes that are no character are written as several
    model = shorten(model.facts.path, needed)
    with pytest.raises(DataError, match="longer than the network's context") as caught:
        model.generate(requests)
    assert caught.value.facts["sample"] == requests[1].sample
