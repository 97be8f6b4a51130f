"""A checkpoint of transformers, asked in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

import torch
from transformers import AutoModelForImageTextToText

from pytest_mmbench.errors import CheckpointError, MMBenchError
from pytest_mmbench.images.decode import bytes_per_request, decode_ahead
from pytest_mmbench.models.batch_order import cost, sort_by_cost
from pytest_mmbench.models.cache import CacheSharing
from pytest_mmbench.models.checkpoint import (
    CheckpointFacts,
    check_unchanged,
    describe_error,
    fingerprint,
    inspect_checkpoint,
    installed_versions,
)
from pytest_mmbench.models.encoder import Encoder
from pytest_mmbench.models.hub import find_checkpoint
from pytest_mmbench.models.load import (
    AutoClass,
    Config,
    NetworkInfo,
    choose_auto_class,
    choose_device,
    choose_dtype,
    greedy_config,
    inspect_network,
    load_config,
    load_network,
    silence_transformers,
)
from pytest_mmbench.models.loglikelihood import Network, is_encoder_decoder
from pytest_mmbench.models.memory import AdaptiveBatcher, is_out_of_memory
from pytest_mmbench.models.processor import PromptProcessor, load_processor
from pytest_mmbench.records import Answer, Request

_BATCH_SIZE = {"cuda": 32, "mps": 8, "cpu": 8}


def load(
    spec: str,
    *,
    device: str = "auto",
    dtype: str = "auto",
    batch_size: int = 0,
    trust_remote_code: bool = False,
    hash_cache_file: Path | None = None,
) -> LocalModel:
    """A model from a local folder or a hub id, checked now; its weights are read when it is asked.

    Args:
        spec: A folder, or on the hub `owner/name` or `owner/name@revision`.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        dtype: `auto`, `float32`, `bfloat16`, `float16`; `auto` is float32 on a CPU, and the
            checkpoint's own elsewhere.
        batch_size: How many requests are computed at once; 0 chooses by device.
        trust_remote_code: Whether Python code that comes with the checkpoint may run.
        hash_cache_file: Where hashes of the checkpoint's files are kept between runs.

    Raises:
        CheckpointError: The checkpoint cannot be loaded; the text says why and what to do.
        SettingsError: Device or dtype are not known here.
    """
    facts = inspect_checkpoint(find_checkpoint(spec))
    torch_device = choose_device(device)
    with silence_transformers():
        config = load_config(facts, trust_remote_code=trust_remote_code)
        auto_class = choose_auto_class(config, trust_remote_code=trust_remote_code)
        processor = load_processor(
            facts,
            has_vision=auto_class is AutoModelForImageTextToText,
            trust_remote_code=trust_remote_code,
        )
    size = batch_size or _BATCH_SIZE[torch_device.type]
    return LocalModel(
        name=spec,
        facts=facts,
        config=config,
        auto_class=auto_class,
        processor=processor,
        torch_device=torch_device,
        dtype=choose_dtype(dtype, torch_device, facts),
        batch_size=size,
        batcher=AdaptiveBatcher(name=spec, size=size),
        trust_remote_code=trust_remote_code,
        hash_cache_file=hash_cache_file,
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LocalModel:
    """A checkpoint in this process; made by `load`."""

    name: str
    facts: CheckpointFacts
    config: Config
    auto_class: AutoClass
    processor: PromptProcessor
    torch_device: torch.device
    dtype: str
    batch_size: int
    batcher: AdaptiveBatcher
    trust_remote_code: bool
    hash_cache_file: Path | None

    @property
    def device(self) -> str:
        """Where it computes, as torch writes it."""
        return str(self.torch_device)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with whatever can change an answer: files, settings, and what computes."""
        return fingerprint(
            self.facts.path,
            dtype=self.dtype,
            attention=self._network_info.attention,
            versions=installed_versions(torchvision=self.processor.uses_torchvision),
            backend=self.processor.image_backend,
            hash_cache_file=self.hash_cache_file,
        )

    @cached_property
    def most_pictures(self) -> int:
        """How many pictures one prompt can show; 0 for a text-only checkpoint."""
        with silence_transformers():
            return self.processor.most_pictures()

    @cached_property
    def needs_picture(self) -> bool:
        """Whether the network or its processor cannot do without one."""
        with silence_transformers():
            return self._network_info.needs_picture or self.processor.refuses_text()

    @cached_property
    def _network_info(self) -> NetworkInfo:
        with silence_transformers():
            return inspect_network(
                self.auto_class, self.config, trust_remote_code=self.trust_remote_code
            )

    @cached_property
    def _network(self) -> Network:
        network = load_network(
            self.auto_class,
            self.facts,
            device=self.torch_device,
            dtype=self.dtype,
            trust_remote_code=self.trust_remote_code,
        )
        check_unchanged(self.facts)
        return network

    @cached_property
    def _sharing(self) -> CacheSharing:
        encoder = Encoder(
            processor=self.processor,
            checkpoint=str(self.facts.path),
            is_encoder_decoder=is_encoder_decoder(self._network),
            needs_picture=self.needs_picture,
            most_pictures=self.most_pictures,
            device=self.torch_device,
            dtype=getattr(torch, self.dtype),
        )
        return CacheSharing(network=self._network, encoder=encoder, dtype=self.dtype)

    def prepare(self, request: Request) -> Request:
        """The request with its pictures decoded, if there is room; may run in another thread."""
        return decode_ahead(request, max_bytes=bytes_per_request(self.batch_size))

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """The greedy continuation of each prompt, without special tokens and outer white space."""
        return self._answer_in_batches(requests, self._generate_batch)

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The log-likelihood of each option as the continuation of its prompt."""
        return self._answer_in_batches(requests, self._rank_batch)

    def _answer_in_batches(
        self, requests: Sequence[Request], ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> list[Answer]:
        """Ask in batches of requests of one shape, the costliest first: if they fit, all do."""

        def ask_or_explain(batch: Sequence[Request]) -> list[Answer]:
            try:
                return ask(batch)
            except MMBenchError:
                raise
            except Exception as error:  # whatever a processor or a network raises
                if is_out_of_memory(error):
                    raise
                raise CheckpointError(
                    f"model {self.name!r} could not be asked.",
                    sample=batch[0].sample,
                    reason=describe_error(error),
                ) from error

        def shape(index: int) -> tuple[int, int]:
            request = requests[index]
            return len(request.prompt.pictures), request.new_tokens

        costed = ((cost(request), index) for index, request in enumerate(requests))
        order = [index for _, index in sort_by_cost(costed)]
        answers: dict[int, Answer] = {}
        with silence_transformers(), torch.inference_mode():
            for _, group in groupby(order, key=shape):
                indices = list(group)
                batch = [requests[index] for index in indices]
                batch_answers = self.batcher.run(batch, ask_or_explain)
                answers.update(zip(indices, batch_answers, strict=True))
        return [answers[index] for index in range(len(requests))]

    def _generate_batch(self, batch: Sequence[Request]) -> list[Answer]:
        inputs = self._sharing.encoder.encode(batch).inputs
        tokenizer, network = self.processor.tokenizer, self._network
        end = network.generation_config.eos_token_id
        config = greedy_config(
            max_new_tokens=batch[0].new_tokens,
            eos_token_id=tokenizer.eos_token_id if end is None else end,
            pad_token_id=tokenizer.pad_token_id,
        )
        prompts = inputs["input_ids"]  # (batch, prompt tokens)
        output = network.generate(**inputs, generation_config=config)  # (batch, tokens)
        # Most decoders repeat the prompt before what they generate.
        width = prompts.shape[1]
        if output.shape[1] >= width and torch.equal(output[:, :width], prompts):
            output = output[:, width:]
        texts = tokenizer.batch_decode(output, skip_special_tokens=True)
        return [
            Answer(sample=request.sample, text=text.strip())
            for request, text in zip(batch, texts, strict=True)
        ]

    def _rank_batch(self, batch: Sequence[Request]) -> list[Answer]:
        batch_logprobs = self._sharing.option_logprobs(batch)
        return [
            Answer(sample=request.sample, option_logprobs=tuple(logprobs))
            for request, logprobs in zip(batch, batch_logprobs, strict=True)
        ]
