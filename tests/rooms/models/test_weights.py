"""A checkpoint's weights are the network's own: none missing, none too many, none twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_checkpoints import edit
from torchvision_checkpoints import marked

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.local import load, silence_transformers
from pytest_mmbench.records import Request

Asks = Callable[..., Request]
Checkpoints = Callable[[str], Path]
Tensors = dict[str, torch.Tensor]

pytestmark = pytest.mark.torch


def reads(folder: Path) -> None:
    with silence_transformers():
        _ = load(str(folder), device="cpu")._network


def refusal(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        reads(folder)
    return str(caught.value)


def edit_part(folder: Path, part: str, **changes: Any) -> None:
    """Change keys of one part of the config, or of the whole where `part` is empty."""
    file = folder / "config.json"
    whole = json.loads(file.read_bytes())
    (whole[part] if part else whole).update(changes)
    file.write_text(json.dumps(whole))


def add(folder: Path, **tensors: torch.Tensor) -> None:
    """Write more tensors, by name with `__` for a dot, beside those of a checkpoint."""
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    file = folder / "model.safetensors"
    named = {name.replace("__", "."): tensor for name, tensor in tensors.items()}
    save_file(load_file(file) | named, file, {"format": "pt"})


SMALLER = [
    ("llama", "", {"num_hidden_layers": 1}),
    ("llava", "text_config", {"num_hidden_layers": 1}),
    ("llava", "vision_config", {"num_hidden_layers": 1}),
    ("llava", "", {"multimodal_projector_bias": False}),
    ("gemma3", "text_config", {"num_hidden_layers": 1, "layer_types": ["full_attention"]}),
    ("gemma3", "vision_config", {"vision_use_head": False}),
    ("idefics3", "vision_config", {"num_hidden_layers": 1}),
    ("paligemma", "vision_config", {"num_hidden_layers": 1}),
    ("instructblip_t5", "qformer_config", {"num_hidden_layers": 1}),
    ("instructblip_t5", "text_config", {"num_layers": 1}),
    ("instructblip_opt", "text_config", {"num_hidden_layers": 1}),
]


@pytest.mark.parametrize(("name", "part", "changes"), SMALLER)
def test_a_config_that_asks_for_less_than_the_weights_hold(
    copy: Checkpoints, name: str, part: str, changes: dict[str, Any]
) -> None:
    """Another, smaller network would be judged under this one's name."""
    folder = copy(name)
    edit_part(folder, part, **changes)
    text = refusal(folder)
    assert "for which the network of its config.json has no place" in text
    assert "surplus" in text
    assert "check that weights and config.json belong together" in text


def test_the_first_surplus_weights_are_named_and_the_others_counted(copy: Checkpoints) -> None:
    """Nine weights of a layer would fill the screen, and one would not say which layer it is."""
    folder = copy("llama")
    edit(folder / "config.json", num_hidden_layers=1)
    text = refusal(folder)
    assert "holds 9 weights" in text
    assert "model.layers.1.input_layernorm.weight, " in text
    assert "and 6 more" in text


SURPLUS = {
    "an adapter": "model__layers__0__self_attn__q_proj__lora_A__default__weight",
    "a wrapped copy": "base_model__model__model__layers__0__mlp__gate_proj__weight",
    "a bias": "model__layers__0__self_attn__q_proj__bias",
    "a scale of int8 weights": "model__layers__0__self_attn__q_proj__SCB",
    "a scale of float8 weights": "model__layers__0__self_attn__q_proj__weight_scale_inv",
    "a head": "score__weight",
}


@pytest.mark.parametrize("kind", SURPLUS)
def test_weights_beside_those_of_the_network(copy: Checkpoints, kind: str) -> None:
    """What was trained and is not merged in is not what would answer."""
    folder = copy("llama")
    add(folder, **{SURPLUS[kind]: torch.full((16, 4), 0.5)})
    text = refusal(folder)
    assert "holds 1 weights for which" in text
    assert SURPLUS[kind].replace("__", ".") in text


LEGITIMATE = {
    "rotary frequencies": {"model__layers__0__self_attn__rotary_emb__inv_freq": torch.ones(4)},
    "frequencies of a vision tower": {"visual__rotary_pos_emb__inv_freq": torch.ones(4)},
    "numbers of positions": {"model__embeddings__position_ids": torch.arange(4)},
    "a causal mask": {"model__layers__0__attn__bias": torch.ones(4, 4, dtype=torch.bool)},
    "what masks": {"model__layers__0__attn__masked_bias": torch.tensor(-1e4)},
}


@pytest.mark.parametrize("kind", LEGITIMATE)
def test_what_older_releases_saved_beside_the_weights(copy: Checkpoints, kind: str) -> None:
    """Numbers that follow from the config are no weights."""
    folder = copy("llama")
    add(folder, **LEGITIMATE[kind])
    reads(folder)


def test_tied_weights_that_were_saved_twice(copy: Checkpoints) -> None:
    """The embedding under a second name changes nothing; another tensor there would."""
    from safetensors.torch import load_file  # noqa: PLC0415

    folder = copy("llama")
    embedding = load_file(folder / "model.safetensors")["model.embed_tokens.weight"]
    add(folder, model__decoder__embed_tokens__weight=embedding.clone())
    reads(folder)
    add(folder, model__decoder__embed_tokens__weight=embedding * 2)
    assert "holds 1 weights for which" in refusal(folder)


def test_what_the_architecture_ignores_is_no_surplus(
    copy: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers that predict several tokens at once are declared so by their networks."""
    from transformers import LlamaForCausalLM  # noqa: PLC0415

    folder = copy("llama")
    add(folder, mtp__norm__weight=torch.ones(16))
    assert "surplus      mtp.norm.weight" in refusal(folder)
    monkeypatch.setattr(LlamaForCausalLM, "_keys_to_ignore_on_load_unexpected", [r"^mtp\."])
    reads(folder)


@pytest.mark.parametrize("with_prefix", [True, False])
def test_a_weight_with_and_without_the_prefix_of_its_base_model(
    copy: Checkpoints, *, with_prefix: bool
) -> None:
    """Both are read into the same weight, and nobody knows which of them stays."""
    folder = copy("llama")
    name = "layers__0__mlp__gate_proj__weight"
    add(folder, **{name: torch.ones(32, 16)})
    if with_prefix:
        assert "weights twice" in refusal(folder)
    else:
        from safetensors.torch import load_file, save_file  # noqa: PLC0415

        tensors = load_file(folder / "model.safetensors")
        del tensors["model.layers.0.mlp.gate_proj.weight"]
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        reads(folder)


def test_a_weight_in_two_shards(copy: Checkpoints) -> None:
    """The index names one of them, and the loader reads the other too."""
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    folder = copy("llama")
    whole = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    shards = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    last = "model.norm.weight"
    save_file(whole, folder / shards[0], {"format": "pt"})
    save_file({last: whole[last] * 3}, folder / shards[1], {"format": "pt"})
    names = dict.fromkeys(whole, shards[0]) | {last: shards[1]}
    index = {"metadata": {}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert f"first        {last}" in refusal(folder)


def test_weights_that_do_not_fill_the_network(copy: Checkpoints) -> None:
    """Random numbers in the place of weights would answer, and mean nothing."""
    folder = copy("llama")
    edit(folder / "config.json", num_hidden_layers=3)
    assert "lacks 9 of the network's weights" in refusal(folder)


def test_weights_of_another_shape(copy: Checkpoints) -> None:
    """They are named with both shapes."""
    folder = copy("llama")
    edit(folder / "config.json", intermediate_size=48)
    text = refusal(folder)
    assert "cannot be loaded" in text
    assert "6 have another shape than the network of config.json" in text
    assert "model.layers.0.mlp.down_proj.weight [16, 32], not [16, 48]" in text


@pytest.mark.parametrize(
    "name", marked("llama", "llava", "llava_next", "idefics3", "gemma3", "paligemma", "qwen2_vl")
)
def test_a_checkpoint_as_it_was_saved(checkpoints: Checkpoints, name: str) -> None:
    """Nothing is held against it."""
    reads(checkpoints(name))
