"""Tiny checkpoints whose processors prepare pictures, or videos, with torchvision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import CROP, IMAGE, TEMPLATE, TEXT, VISION, save, tokenizer

WIDTH = 32
WIDE_TEXT = TEXT | {"hidden_size": WIDTH, "intermediate_size": 64, "head_dim": 16}
WIDE_VISION = VISION | {"hidden_size": WIDTH, "intermediate_size": 64}


def _qwen(hf: Any, folder: Path, kind: str, **vision: Any) -> None:
    """Qwen2-VL and Qwen2.5-VL: positions on three axes, patches of all pictures in one tensor."""
    between = ("<|vision_start|>", "<|vision_end|>")
    words = tokenizer(*between, image_token="<|image_pad|>", video_token="<|video_pad|>")  # noqa: S106
    sizes: dict[str, Any] = {
        "patch_size": 4,
        "merge_size": 2,
        "temporal_patch_size": 2,
        "size": {"shortest_edge": 64, "longest_edge": 1024},
    }
    shown = f"{between[0]}<|image_pad|>{between[1]}"
    processor = getattr(hf, f"{kind}Processor")(
        image_processor=hf.Qwen2VLImageProcessor(**sizes),
        video_processor=hf.Qwen2VLVideoProcessor(**sizes),
        tokenizer=words,
        chat_template=TEMPLATE.replace("IMAGE", shown),
    )
    ids = words.convert_tokens_to_ids
    config = getattr(hf, f"{kind}Config")(
        text_config=WIDE_TEXT
        | {
            "vocab_size": len(words),
            "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3]},
        },
        vision_config={"depth": 2, "num_heads": 2, "patch_size": 4, "spatial_merge_size": 2}
        | {"temporal_patch_size": 2, **vision},
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids(between[0]),
        vision_end_token_id=ids(between[1]),
    )
    save(folder, getattr(hf, f"{kind}ForConditionalGeneration")(config), processor)


def smolvlm(hf: Any, folder: Path) -> None:
    """Pictures are cut into tiles, each with a token that says where it was."""
    from transformers.models.smolvlm.processing_smolvlm import (  # noqa: PLC0415
        DEFAULT_CHAT_TEMPLATE,
    )

    tiles = [f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)]
    own = {
        "fake_image_token": "<fake_token_around_image>",
        "global_image_token": "<global-img>",
        "end_of_utterance_token": "<end_of_utterance>",
    }
    words = tokenizer("<|im_start|>", "<video>", *tiles, image_token=IMAGE, **own)
    cut = {"size": {"longest_edge": 32}, "max_image_size": {"longest_edge": 16}}
    processor = hf.SmolVLMProcessor(
        image_processor=hf.SmolVLMImageProcessor(**cut),
        video_processor=hf.SmolVLMVideoProcessor(**cut),
        tokenizer=words,
        image_seq_len=1,
        chat_template=DEFAULT_CHAT_TEMPLATE,
    )
    config = hf.SmolVLMConfig(
        text_config=hf.LlamaConfig(vocab_size=len(words), **WIDE_TEXT),
        vision_config=WIDE_VISION,
        image_token_id=words.convert_tokens_to_ids(IMAGE),
        scale_factor=2,
    )
    save(folder, hf.SmolVLMForConditionalGeneration(config), processor)


def _pixtral(hf: Any, folder: Path, kind: str, merge: int, **more: Any) -> None:
    """Pixtral, which is a LLaVA, and Mistral 3: a row of tokens for each row of patches."""
    words = tokenizer("[IMG]", "[IMG_BREAK]", "[IMG_END]")
    processor = hf.PixtralProcessor(
        image_processor=hf.PixtralImageProcessor(
            size={"longest_edge": 32}, patch_size={"height": 4 * merge, "width": 4 * merge}
        ),
        tokenizer=words,
        patch_size=4,
        spatial_merge_size=merge,
        chat_template=TEMPLATE.replace("IMAGE", "[IMG]"),
    )
    config = getattr(hf, f"{kind}Config")(
        text_config=hf.MistralConfig(vocab_size=len(words), sliding_window=None, **WIDE_TEXT),
        vision_config=hf.PixtralVisionConfig(
            **WIDE_VISION | {"image_size": 32, "patch_size": 4, "head_dim": 16}
        ),
        image_token_index=words.convert_tokens_to_ids("[IMG]"),
        vision_feature_layer=-1,
        **more,
    )
    save(folder, getattr(hf, f"{kind}ForConditionalGeneration")(config), processor)


def llava_next_fast(hf: Any, folder: Path) -> None:
    """LLaVA-NeXT as most users have it: its tiles are cut by torchvision."""
    words = tokenizer(image_token=IMAGE)
    points = [[16, 32], [32, 32]]
    processor = hf.LlavaNextProcessor(
        image_processor=hf.LlavaNextImageProcessor(
            crop_size=CROP, size={"shortest_edge": 16}, image_grid_pinpoints=points
        ),
        tokenizer=words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE.replace("IMAGE", IMAGE),
    )
    config = hf.LlavaNextConfig(
        text_config=hf.LlamaConfig(vocab_size=len(words), **WIDE_TEXT),
        vision_config=hf.CLIPVisionConfig(**WIDE_VISION),
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        vision_feature_layer=-1,
        image_grid_pinpoints=points,
    )
    save(folder, hf.LlavaNextForConditionalGeneration(config), processor)


BUILDERS: Mapping[str, Callable[[Any, Path], None]] = {
    "llava_next_fast": llava_next_fast,
    "mistral3": partial(_pixtral, kind="Mistral3", merge=2, spatial_merge_size=2),
    "pixtral": partial(_pixtral, kind="Llava", merge=1, vision_feature_select_strategy="full"),
    "qwen2_vl": partial(_qwen, kind="Qwen2VL", embed_dim=WIDTH, hidden_size=WIDTH, mlp_ratio=2),
    "qwen2_5_vl": partial(
        _qwen, kind="Qwen2_5_VL", hidden_size=WIDTH, intermediate_size=64, out_hidden_size=WIDTH,
        window_size=16, fullatt_block_indexes=[1],
    ),
    "smolvlm": smolvlm,
}  # fmt: skip
NEED = {"smolvlm": ("torchvision", "num2words")}


def marked(*names: str) -> list[Any]:
    """The names as parameters of a test, each skipped where a library that it needs is missing."""
    return [
        pytest.param(name, marks=pytest.mark.skipif(bool(lacking), reason=f"{lacking} is missing"))
        for name in names
        for lacking in [_lacking(name)]
    ]


def _lacking(name: str) -> str:
    needed = NEED.get(name, ("torchvision",) if name in BUILDERS else ())
    return ", ".join(library for library in needed if find_spec(library) is None)
