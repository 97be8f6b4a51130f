"""A checkpoint whose speed can be measured: LLaVA's shape, 120 million random weights.

CLIP's tower takes 38 million of them and Llama the rest. The tokenizer knows single bytes only, so
that short questions are as long in tokens as those of published benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL.PngImagePlugin import PngImageFile
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition
from pytest_mmbench.models.local import load, silence_transformers
from pytest_mmbench.records import Method, Request

CAPABILITY = "math"
PER_AXIS = 4

SEED = 20
PIXELS = 336
"""Side of what the tower is shown, as in LLaVA 1.5: 576 tokens in 14-pixel patches."""
PATCH = 14
VOCABULARY = 32_000
LENGTH = 1024
START, STOP, FILL, IMAGE = SPECIAL = ("<s>", "</s>", "<pad>", "<image>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] | upper + ': ' }}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %} {% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def save(folder: Path, *, pixels: int = PIXELS) -> int:
    """Write the checkpoint in the hub's layout, and say how many weights it has."""
    words = _tokenizer()
    torch.manual_seed(SEED)
    network = LlavaForConditionalGeneration(_config(words, pixels))
    with silence_transformers():
        network.save_pretrained(folder)
        _processor(words, pixels).save_pretrained(folder)
    return sum(weight.numel() for weight in network.parameters())


def _config(words: PreTrainedTokenizerFast, pixels: int) -> LlavaConfig:
    text = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=640,
        intermediate_size=1728,
        num_hidden_layers=12,
        num_attention_heads=10,
        num_key_value_heads=10,
        max_position_embeddings=LENGTH,
        tie_word_embeddings=True,
        pad_token_id=words.pad_token_id,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=512,
        intermediate_size=2048,
        num_hidden_layers=12,
        num_attention_heads=8,
        image_size=pixels,
        patch_size=PATCH,
    )
    return LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=len(SPECIAL) - 1,
        image_seq_length=(pixels // PATCH) ** 2,
        tie_word_embeddings=True,
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = {token: number for number, token in enumerate((*SPECIAL, *alphabet))}
    letters = Tokenizer(models.BPE(vocab=known, merges=[]))
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=letters,
        bos_token=START,
        eos_token=STOP,
        pad_token=FILL,
        model_max_length=LENGTH,
        extra_special_tokens={"image_token": IMAGE},
    )


def _processor(words: PreTrainedTokenizerFast, pixels: int) -> LlavaProcessor:
    size = {"height": pixels, "width": pixels}
    return LlavaProcessor(  # type: ignore[no-untyped-call]
        image_processor=CLIPImageProcessorPil(size={"shortest_edge": pixels}, crop_size=size),
        tokenizer=words,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )


def decoded(folder: Path, name: str) -> int:
    """Of how many pictures the model decodes the pixels, asked one capability's first axis."""
    model = load(str(folder), device="cpu")
    requests = list(_requests(name))
    model.rank(requests)  # which also decodes one more, to check what it shares
    with _decoding() as files:
        model.rank(requests)
    return len(files)


def _requests(name: str) -> Iterator[Request]:
    shapes = Shapes(per_axis=PER_AXIS)
    leaf = next(each.path for each in shapes.dimensions() if f".{CAPABILITY}." in each.path)
    samples = [shapes.sample(id) for id in shapes.ids(leaf)]
    for sample in condition(name)(samples, seed=0):
        yield shapes.request(sample, Method.RANK)


@contextmanager
def _decoding() -> Iterator[list[PngImageFile]]:
    """The files whose pixels are decoded meanwhile, each once."""
    files: list[PngImageFile] = []
    load_pixels = PngImageFile.load

    def noted(file: PngImageFile) -> object:
        if not any(file is each for each in files):
            files.append(file)
        return load_pixels(file)

    PngImageFile.load = noted  # type: ignore[method-assign, assignment]
    try:
        yield files
    finally:
        PngImageFile.load = load_pixels  # type: ignore[method-assign]
