"""Networks whose processors are not at hand are asked with inputs made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers as hf

from pytest_mmbench.models import loglikelihood

pytestmark = pytest.mark.torch

TEXT: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 128,
}
PAD, START, END, IMAGE = 0, 5, 6, 7
OPTIONS = [[(9,), (10, 11, 12), (13, 14)], [(15, 16), (17,)]]


def grow(network: Any) -> Any:
    """Random weights that are large enough for answers to differ."""
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 1.5 / weight[0].numel() ** 0.5)
    return network.eval()


def qwen2_vl() -> tuple[Any, dict[str, Any]]:
    """Positions on three axes, which run slower than tokens after a picture."""
    config = hf.Qwen2VLConfig(
        text_config={
            **TEXT,
            "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2]},
        },
        vision_config={
            "depth": 1, "embed_dim": 16, "hidden_size": 16, "num_heads": 2, "mlp_ratio": 2,
            "patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2,
        },
        image_token_id=IMAGE, vision_start_token_id=START, vision_end_token_id=END,
    )  # fmt: skip
    grid = torch.tensor([[1, 4, 4], [1, 4, 8]])  # 4 and 8 tokens after merging
    first = [20, 21, START, *[IMAGE] * 4, END, 22]
    second = [START, *[IMAGE] * 8, END, 23, 24, 25, 26]
    return grow(hf.Qwen2VLForConditionalGeneration(config)), {
        **padded([first, second]),
        "pixel_values": torch.randn(48, 3 * 2 * 4 * 4, generator=torch.manual_seed(1)),
        "image_grid_thw": grid,
    }


def mistral3() -> tuple[Any, dict[str, Any]]:
    """Pictures of different sizes in one tensor."""
    config = hf.Mistral3Config(
        text_config=hf.MistralConfig(**TEXT, sliding_window=None, head_dim=8),
        vision_config=hf.PixtralVisionConfig(
            hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
            image_size=32, patch_size=8,
        ),
        image_token_index=IMAGE, spatial_merge_size=2, vision_feature_layer=-1,
    )  # fmt: skip
    inputs = padded([[20, IMAGE, IMAGE, 21], [*[IMAGE] * 4, 22, 23, 24]])
    del inputs["mm_token_type_ids"]
    return grow(hf.Mistral3ForConditionalGeneration(config)), {
        **inputs,
        "pixel_values": torch.randn(2, 3, 32, 32, generator=torch.manual_seed(1)),
        "image_sizes": torch.tensor([[16, 32], [32, 32]]),
    }


def mllama() -> tuple[Any, dict[str, Any]]:
    """Text attends to pictures through layers of its own."""
    config = hf.MllamaConfig(
        text_config=hf.models.mllama.MllamaTextConfig(
            **TEXT | {"num_hidden_layers": 3}, cross_attention_layers=[1], pad_token_id=PAD,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        ),
        vision_config=hf.models.mllama.MllamaVisionConfig(
            hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_global_layers=1,
            attention_heads=2, image_size=16, patch_size=8, vision_output_dim=32,
            max_num_tiles=1, intermediate_layers_indices=[0],
            supported_aspect_ratios=[[1, 1]],
        ),
        image_token_index=63,
    )  # fmt: skip
    network = grow(hf.MllamaForConditionalGeneration(config))
    for name, gate in network.named_parameters():
        if "gate" in name and gate.numel() == 1:
            gate.data.fill_(0.5)
    inputs = padded([[20, 21, 22], [23, 24, 25, 26, 27]])
    del inputs["mm_token_type_ids"]
    return network, {
        **inputs,
        "pixel_values": torch.randn(2, 1, 1, 3, 16, 16, generator=torch.manual_seed(1)),
        "aspect_ratio_ids": torch.ones(2, 1, dtype=torch.long),
        "aspect_ratio_mask": torch.ones(2, 1, 1, dtype=torch.long),
        "cross_attention_mask": torch.ones(2, 5, 1, 1, dtype=torch.long),
    }


def padded(rows: list[list[int]]) -> dict[str, Any]:
    """Prompts padded on the left, with their masks and the kinds of their tokens."""
    width = max(map(len, rows))
    ids = torch.tensor([[PAD] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return {"input_ids": ids, "attention_mask": mask, "mm_token_type_ids": (ids == IMAGE).int()}


def score_alone(network: Any, inputs: dict[str, Any], row: int, tokens: tuple[int, ...]) -> float:
    """One option by a forward pass over its own sequence, without padding."""
    real = inputs["attention_mask"][row].bool()
    ids = torch.cat([inputs["input_ids"][row][real], torch.tensor(tokens)])[None]
    own = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    own |= {"mm_token_type_ids": (ids == IMAGE).int()} if "mm_token_type_ids" in inputs else {}
    own |= {key: value[row : row + 1] for key, value in inputs.items() if key not in own}
    if "image_grid_thw" in inputs:
        sizes = inputs["image_grid_thw"].prod(-1).tolist()
        own["pixel_values"] = inputs["pixel_values"].split(sizes)[row]
    if "cross_attention_mask" in inputs:
        own["cross_attention_mask"] = torch.ones(1, ids.shape[1], 1, 1, dtype=torch.long)
    logits = network(**own).logits[0].double().log_softmax(-1)
    start = ids.shape[1] - len(tokens)
    return sum(float(logits[start + i - 1, token]) for i, token in enumerate(tokens))


@pytest.mark.parametrize("build", [qwen2_vl, mistral3, mllama])
def test_every_way_gives_the_likelihoods_of_the_definition(
    build: Callable[[], tuple[Any, dict[str, Any]]],
) -> None:
    """Shared where the network allows it, and plain: both equal one sequence per option."""
    network, inputs = build()
    with torch.inference_mode():
        expected = [
            [score_alone(network, inputs, row, t) for t in of] for row, of in enumerate(OPTIONS)
        ]
        results = [loglikelihood.score_plain(network, inputs, OPTIONS)]
        if loglikelihood.can_share_cache(network, inputs):
            results.append(loglikelihood.score_with_cache(network, inputs, OPTIONS) or [])
    for result in results:
        for row, logprobs in zip(result, expected, strict=True):
            assert [option.logprob for option in row] == pytest.approx(logprobs, abs=1e-4)


def test_cross_attention_to_pictures_is_asked_the_plain_way() -> None:
    """Its cache also holds pictures, which nobody has shown to bear the selection of rows."""
    assert not loglikelihood.can_share_cache(*mllama())
    assert loglikelihood.can_share_cache(*qwen2_vl())


def test_single_token_options_need_one_forward_pass() -> None:
    """Their likelihoods are read from the prompt's own logits."""
    network, inputs = mistral3()
    calls: list[int] = []
    network.register_forward_hook(lambda *_: calls.append(1))
    with torch.inference_mode():
        result = loglikelihood.score_with_cache(network, inputs, [[(9,), (10,)], [(11,)]])
    assert len(calls) == 1
    assert result is not None
    assert [[option.tokens for option in row] for row in result] == [[1, 1], [1]]
    assert all(option.logprob < 0 for row in result for option in row)
