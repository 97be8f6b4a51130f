"""Tiny networks with random weights that take the shapes of pictures, and an encoder for them.

Their processors need torchvision; the networks do not. So the encoder here writes what a processor
would: a prompt's texts are token numbers, and a picture's name is the shape of its grid and a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers

from pytest_mmbench.models.processor import EncodedBatch
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn

hf: Any = transformers
"""Its configs have more parameters than its types say."""
VOCABULARY = 64
IMAGE_TOKEN, START, END = 60, 61, 62
PATCH = 2
TEXT: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "max_position_embeddings": 256,
}
VISION: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "patch_size": PATCH,
}
Grid = tuple[int, int]
"""Patches from top to bottom, and from left to right."""


def ask(
    text: str, *pictures: str, options: Sequence[str] = ("7 8", "9"), new_tokens: int = 0
) -> Request:
    """A question: a text of token numbers behind pictures such as `4x2 seed 1`."""
    shown = [Picture(name=name, read=bytes) for name in pictures]
    return Request(
        sample=text,
        type=RequestType.GENERATE if new_tokens else RequestType.LOGLIKELIHOOD,
        prompt=Prompt(turns=(Turn(role="user", parts=(*shown, text)),)),
        options=() if new_tokens else tuple(options),
        new_tokens=new_tokens,
    )


def grid_of(picture: Picture) -> Grid:
    height, width = picture.name.split()[0].split("x")
    return int(height), int(width)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


@dataclass(frozen=True, kw_only=True)
class Family:
    """What a processor of this family would make of pictures."""

    build: Callable[[], Any]
    patch_shape: tuple[int, ...] = (3 * PATCH * PATCH,)
    extra_tokens: int = 0
    """Image tokens of each picture beside those of its merged patches."""
    row_tokens: int = 0
    """And of each row of them."""
    grid_name: str = "image_grid_thw"
    more: Callable[[int], dict[str, torch.Tensor]] = lambda _pictures: {}
    """Other inputs, by the number of pictures."""
    has_types: bool = False
    """Whether the processor says of each token what it is."""
    joined_patches: bool = False
    """Whether patches lie beside each other in one picture, as MiniCPM-V has them."""

    def image_tokens(self, grid: Grid) -> int:
        rows, columns = grid[0] // 2, grid[1] // 2
        return rows * (columns + self.row_tokens) + self.extra_tokens


@dataclass(frozen=True, kw_only=True)
class GridEncoder:
    """Stands for a checkpoint's processor, with left padding."""

    family: Family

    def encode(self, batch: Sequence[Request]) -> EncodedBatch:
        """As `models.processor.Encoder` does it."""
        pictures = [request.prompt.pictures for request in batch]
        rows = [self._tokens(request) for request in batch]
        width = max(map(len, rows))
        ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        inputs = {"input_ids": ids, "attention_mask": mask}
        shown = [picture for of_prompt in pictures for picture in of_prompt]
        if shown:
            inputs |= self._picture_inputs(shown)
        if self.family.has_types:
            inputs["mm_token_type_ids"] = (ids == IMAGE_TOKEN).long()
        return EncodedBatch(
            inputs=inputs,
            picture_numbers=tuple(
                tuple([each.name for each in shown].index(picture.name) for picture in of_prompt)
                for of_prompt in pictures
            ),
            picture_sizes=tuple(tuple(map(grid_of, of_prompt)) for of_prompt in pictures),
        )

    def _tokens(self, request: Request) -> list[int]:
        tokens = [1]
        for part in request.prompt.turns[0].parts:
            if isinstance(part, str):
                tokens += numbers(part)
            else:
                count = self.family.image_tokens(grid_of(part))
                tokens += [START, *[IMAGE_TOKEN] * count, END]
        return tokens

    def _picture_inputs(self, pictures: Sequence[Picture]) -> dict[str, torch.Tensor]:
        family, grids = self.family, [grid_of(picture) for picture in pictures]
        patches = []
        for picture, (height, width) in zip(pictures, grids, strict=True):
            generator = torch.Generator().manual_seed(int(picture.name.split()[-1]))
            patches.append(torch.randn(height * width, *family.patch_shape, generator=generator))
        pixels = torch.cat(patches)
        if family.joined_patches:  # (1, 3, patch, all patches beside each other)
            pixels = pixels.permute(1, 2, 0, 3).flatten(2).unsqueeze(0)
            shapes = torch.tensor(grids)
        else:
            shapes = torch.tensor([(1, *grid) for grid in grids])
        return {"pixel_values": pixels, family.grid_name: shapes, **family.more(len(grids))}

    def option_tokens(
        self, batch: Sequence[Request], _inputs: Mapping[str, torch.Tensor]
    ) -> list[list[tuple[int, ...]]]:
        """The tokens of each option of each request."""
        return [[numbers(option) for option in request.options] for request in batch]


def randomise(network: Any) -> Any:
    """Weights large enough for answers to differ, the same at every call."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for weight in network.parameters():
            scale = 1.5 / weight[0].numel() ** 0.5 if weight.dim() > 1 else 0.1
            noise = torch.randn(weight.shape, generator=generator) * scale
            weight.copy_(noise if weight.dim() > 1 else noise + 1)
    return network.eval()


def _tokens(**more: Any) -> dict[str, Any]:
    return {"image_token_id": IMAGE_TOKEN, "video_token_id": 59} | more


def kimi_k25() -> Any:
    text = {name: value for name, value in TEXT.items() if name != "head_dim"}
    config = hf.Kimi_K25Config(
        text_config=hf.LlamaConfig(**text),
        vision_config={**VISION, "pos_emb_height": 8, "pos_emb_width": 8, "pos_emb_time": 1},
        projection_hidden_size=32,
        tie_word_embeddings=False,
        **_tokens(vision_start_token_id=START, vision_end_token_id=END),
    )
    return randomise(hf.Kimi_K25ForConditionalGeneration(config))


def video_llama_3() -> Any:
    config = hf.VideoLlama3Config(
        text_config=hf.Qwen2Config(**TEXT), vision_config=VISION, **_tokens()
    )
    return randomise(hf.VideoLlama3ForConditionalGeneration(config))


def minimax_m3() -> Any:
    text = TEXT | {
        "dense_intermediate_size": 48,
        "shared_intermediate_size": 48,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "rotary_dim": 8,
        "index_n_heads": 1,
        "index_head_dim": 16,
        "index_block_size": 4,
        "index_topk_blocks": 2,
    }
    vision = VISION | {"temporal_patch_size": 1, "image_size": 16}
    config = hf.MiniMaxM3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_index=IMAGE_TOKEN,
        video_token_index=59,
        projector_hidden_size=32,
    )
    return randomise(hf.MiniMaxM3SparseForConditionalGeneration(config))


def muse_glimmer() -> Any:
    config = hf.MuseGlimmerConfig(
        text_config=TEXT | {"sliding_window": 128},
        vision_config=VISION | {"pos_emb_height": 8, "pos_emb_width": 8, "patch_temporal": 1},
        out_hidden_size=32 * 4,
        projector_hidden_size=32,
        **_tokens(),
    )
    return randomise(hf.MuseGlimmerForConditionalGeneration(config))


def hyperclovax() -> Any:
    vision = hf.Qwen2_5_VLConfig().vision_config.__class__(
        hidden_size=32, intermediate_size=48, depth=2, num_heads=2, patch_size=PATCH,
        temporal_patch_size=1, spatial_merge_size=2, window_size=8, fullatt_block_indexes=[1],
        out_hidden_size=32,
    )  # fmt: skip
    config = hf.HyperCLOVAXVisionV2Config(
        text_config=hf.HyperCLOVAXConfig(**TEXT),
        vision_config=vision,
        tie_word_embeddings=False,
        **_tokens(),
    )
    return randomise(hf.HyperCLOVAXVisionV2ForConditionalGeneration(config))


def minicpm() -> Any:
    text = hf.Qwen3_5TextConfig(
        **TEXT,
        layer_types=["full_attention", "full_attention"],
        rope_parameters={
            "rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1],
            "partial_rotary_factor": 0.5,
        },
    )  # fmt: skip
    config = hf.MiniCPMV4_7Config(
        text_config=text,
        vision_config=VISION | {"image_size": 16, "insert_layer_id": 0},
        insert_layer_id=0,
        downsample_mode="4x",
        image_start_id=START,
        image_end_id=END,
        slice_start_id=57,
        slice_end_id=58,
        newline_id=56,
        **_tokens(),
    )
    return randomise(hf.MiniCPMV4_7ForConditionalGeneration(config))


def hunyuan() -> Any:
    text = TEXT | {"rope_parameters": {
        "rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 2, 2, 2]
    }}  # fmt: skip
    vision = VISION | {
        "out_hidden_size": 32, "text_hidden_size": 32, "max_image_size": 16,
        "temporal_patch_size": 1,
    }  # fmt: skip
    config = hf.HunYuanVLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=IMAGE_TOKEN,
        im_start_id=START,
        im_end_id=END,
        im_newline_id=55,
        tie_word_embeddings=False,
    )
    return randomise(hf.HunYuanVLForConditionalGeneration(config))


SQUARE = (3, PATCH, PATCH)
ONE_AXIS: Mapping[str, Family] = {
    "kimi_k25": Family(build=kimi_k25, patch_shape=SQUARE),
    "video_llama_3": Family(
        build=video_llama_3,
        more=lambda pictures: {"image_merge_sizes": torch.tensor([2] * pictures)},
    ),
    "minimax_m3": Family(build=minimax_m3),
    "muse_glimmer": Family(build=muse_glimmer),
    "hyperclovax": Family(build=hyperclovax),
}
"""Networks that take the shapes of pictures, and count positions on one axis all the same."""
THREE_AXES: Mapping[str, Family] = {
    "minicpm": Family(
        build=minicpm,
        patch_shape=SQUARE,
        grid_name="target_sizes",
        joined_patches=True,
        has_types=True,
    ),
}
"""Networks that count on three axes, from an input of a name of their own."""
WRONG_IN_BATCHES: Mapping[str, Family] = {
    "hunyuan": Family(build=hunyuan, extra_tokens=2, row_tokens=1, has_types=True),
}
"""Networks that are wrong about the later prompts of a batch, by themselves."""
