# ruff: noqa: S106  a tokenizer's tokens are no passwords
"""Tiny checkpoints with random weights, in the hub's layout, one per architecture."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] + ': ' }}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
)
TEXT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}"
    "{{ '\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
)
IMAGE = "<image>"
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", IMAGE, "<boi>", "<eoi>", "<brk>", "<end>")
HIDDEN = 16
TEXT: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "max_position_embeddings": 512,
}
VISION: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 8,
}
CROP = {"height": 16, "width": 16}


def tokenizer(*more: str, **special: str) -> Any:
    """Byte-level BPE that knows a few words; `special` names a processor's own tokens.

    `more` are tokens of their own that no attribute names.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320 + len(more),
        special_tokens=[*SPECIAL, *more],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = " red green blue user: assistant: What colour is this? How many are there?"
    bpe.train_from_iterator([words] * 4, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bpe,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=special,
    )


def save(folder: Path, network: Any, processor: Any) -> None:
    """Write network and processor; weights are made large enough for answers to differ."""
    import torch  # noqa: PLC0415  only the tests that need it pay for it

    torch.manual_seed(7)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 1.5 / weight[0].numel() ** 0.5)
    network.save_pretrained(folder)
    processor.save_pretrained(folder)


def edit(file: Path, **changes: Any) -> None:
    """Change keys of a JSON file; None takes one out."""
    content = json.loads(file.read_bytes()) | changes
    edited = {key: value for key, value in content.items() if value is not None}
    file.write_text(json.dumps(edited))


def llama(hf: Any, folder: Path) -> None:
    words = tokenizer()
    words.chat_template = TEXT_TEMPLATE
    config = hf.LlamaConfig(vocab_size=len(words), **TEXT)
    save(folder, hf.LlamaForCausalLM(config), words)


def _llava(hf: Any, folder: Path, kind: str, **tiles: Any) -> None:
    """LLaVA and LLaVA-NeXT, which also cuts pictures into tiles."""
    words = tokenizer(image_token=IMAGE)
    image_class = "LlavaNextImageProcessorPil" if tiles else "CLIPImageProcessorPil"
    processor = getattr(hf, f"{kind}Processor")(
        image_processor=getattr(hf, image_class)(
            crop_size=CROP, size={"shortest_edge": 16}, **tiles
        ),
        tokenizer=words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE.replace("IMAGE", IMAGE),
    )
    config = getattr(hf, f"{kind}Config")(
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT),
        vision_config=hf.CLIPVisionConfig(**VISION),
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        vision_feature_layer=-1,
        **tiles,
    )
    save(folder, getattr(hf, f"{kind}ForConditionalGeneration")(config), processor)


def idefics3(hf: Any, folder: Path) -> None:
    words = tokenizer(image_token=IMAGE)
    processor = hf.Idefics3Processor(
        image_processor=hf.Idefics3ImageProcessorPil(
            size={"longest_edge": 32}, max_image_size={"longest_edge": 16}
        ),
        tokenizer=words,
        image_seq_len=1,
        chat_template=TEMPLATE.replace("IMAGE", IMAGE),
    )
    config = hf.Idefics3Config(
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT),
        vision_config=VISION,
        image_token_id=words.convert_tokens_to_ids(IMAGE),
        scale_factor=2,
    )
    save(folder, hf.Idefics3ForConditionalGeneration(config), processor)


def _gemma3(hf: Any, folder: Path, window: int) -> None:
    words = tokenizer(boi_token="<boi>", eoi_token="<eoi>", image_token=IMAGE)
    processor = hf.Gemma3Processor(
        image_processor=hf.Gemma3ImageProcessorPil(size=CROP),
        tokenizer=words,
        image_seq_length=4,
        chat_template=TEMPLATE.replace("IMAGE", "<boi>"),
    )
    config = hf.Gemma3Config(
        text_config=hf.Gemma3TextConfig(
            vocab_size=len(words),
            sliding_window=window,
            layer_types=["sliding_attention", "full_attention"],
            query_pre_attn_scalar=8,
            **TEXT,
        ),
        vision_config=hf.SiglipVisionConfig(**VISION | {"patch_size": 4}),
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        boi_token_index=words.convert_tokens_to_ids("<boi>"),
        eoi_token_index=words.convert_tokens_to_ids("<eoi>"),
        mm_tokens_per_image=4,
    )
    save(folder, hf.Gemma3ForConditionalGeneration(config), processor)


def paligemma(hf: Any, folder: Path) -> None:
    words = tokenizer(image_token=IMAGE)
    image_processor = hf.SiglipImageProcessorPil(size=CROP)
    image_processor.image_seq_length = 4
    processor = hf.PaliGemmaProcessor(
        image_processor=image_processor,
        tokenizer=words,
        chat_template=TEMPLATE.replace("IMAGE", IMAGE).replace("{{ bos_token }}", ""),
    )
    config = hf.PaliGemmaConfig(
        text_config=hf.GemmaConfig(vocab_size=len(words) + 8, **TEXT),
        vision_config=hf.SiglipVisionConfig(**VISION, projection_dim=HIDDEN),
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        projection_dim=HIDDEN,
    )
    network = hf.PaliGemmaForConditionalGeneration(config)
    network.resize_token_embeddings(len(words))
    save(folder, network, processor)


def _instructblip(hf: Any, folder: Path, text: Any, words: Any) -> None:
    processor = hf.InstructBlipProcessor(
        image_processor=hf.BlipImageProcessorPil(size=CROP),
        tokenizer=words,
        qformer_tokenizer=tokenizer(),
        num_query_tokens=3,
    )
    processor.chat_template = TEMPLATE.replace("IMAGE", "").replace("{{ bos_token }}", "")
    small = {key: TEXT[key] for key in ("hidden_size", "intermediate_size", "num_hidden_layers")}
    config = hf.InstructBlipConfig(
        text_config=text,
        vision_config=VISION,
        qformer_config=small
        | {"num_attention_heads": 2, "vocab_size": len(words), "encoder_hidden_size": HIDDEN},
        num_query_tokens=3,
        image_token_index=words.convert_tokens_to_ids(IMAGE),
    )
    save(folder, hf.InstructBlipForConditionalGeneration(config), processor)


def instructblip_t5(hf: Any, folder: Path) -> None:
    words = tokenizer()
    text = hf.T5Config(
        vocab_size=len(words), d_model=HIDDEN, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
        pad_token_id=0, eos_token_id=2, decoder_start_token_id=0, tie_word_embeddings=False,
    )  # fmt: skip
    _instructblip(hf, folder, text, words)


def instructblip_opt(hf: Any, folder: Path) -> None:
    words = tokenizer()
    text = hf.OPTConfig(
        vocab_size=len(words), hidden_size=HIDDEN, ffn_dim=32, num_hidden_layers=2,
        num_attention_heads=2, word_embed_proj_dim=HIDDEN, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, max_position_embeddings=512,
    )  # fmt: skip
    _instructblip(hf, folder, text, words)


def emu3(hf: Any, folder: Path) -> None:
    """Pictures as tokens of a codebook: those of a batch are padded to the largest of them."""
    codes = [f"<|visual token {code:06d}|>" for code in range(8)]
    marks = {"image_wrapper_token": "<wrap>", "eof_token": "<eof>"}
    words = tokenizer(
        *codes, "<|extra_200|>", *marks.values(),
        image_token=IMAGE, boi_token="<boi>", eoi_token="<eoi>", **marks,
    )  # fmt: skip
    processor = hf.Emu3Processor(
        image_processor=hf.Emu3ImageProcessor(min_pixels=16 * 16, max_pixels=40 * 40),
        tokenizer=words,
        chat_template=TEMPLATE.replace("IMAGE", IMAGE),
    )
    config = hf.Emu3Config(
        text_config={"vocab_size": len(words), **TEXT, "attention_dropout": 0.0},
        vq_config={
            "codebook_size": len(codes), "base_channels": 32, "channel_multiplier": [1, 1, 1, 1],
            "num_res_blocks": 1, "hidden_size": 32, "temporal_downsample_factor": 1,
            "attn_resolutions": [],
        },
        vocabulary_map=words.get_vocab(),
    )  # fmt: skip
    save(folder, hf.Emu3ForConditionalGeneration(config), processor)


BUILDERS: Mapping[str, Callable[[Any, Path], None]] = {
    build.__name__: build
    for build in (
        llama, idefics3, paligemma, instructblip_t5, instructblip_opt, emu3
    )
} | {
    "gemma3": partial(_gemma3, window=8),
    "gemma3_wide": partial(_gemma3, window=512),
    "llava": partial(_llava, kind="Llava"),
    "llava_next": partial(_llava, kind="LlavaNext", image_grid_pinpoints=[[16, 32], [32, 32]]),
}  # fmt: skip
