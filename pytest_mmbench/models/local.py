"""A checkpoint of transformers, asked in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, GenerationConfig

from pytest_mmbench.errors import CheckpointError, MMBenchError
from pytest_mmbench.images.decode import bytes_per_request, decode_ahead
from pytest_mmbench.models import loglikelihood
from pytest_mmbench.models.batching import cost, in_order
from pytest_mmbench.models.cache_sharing import CacheSharing
from pytest_mmbench.models.checkpoint import (
    CheckpointFacts,
    check_unchanged,
    fingerprint,
    inspect_checkpoint,
)
from pytest_mmbench.models.encoder import Encoder
from pytest_mmbench.models.hub import find_checkpoint
from pytest_mmbench.models.image_limits import (
    NetworkInfo,
    inspect_network,
    most_pictures,
    refuses_text,
)
from pytest_mmbench.models.load import (
    auto_class,
    choose_device,
    choose_dtype,
    errors_as_checkpoint_error,
    greedy,
    load_config,
    load_network,
    quiet,
)
from pytest_mmbench.models.memory import AdaptiveBatcher
from pytest_mmbench.models.processor import PromptProcessor, load_processor
from pytest_mmbench.models.versions import releases
from pytest_mmbench.records import Answer, Request

_BATCH = {"cuda": 32, "mps": 8, "cpu": 8}


def load(
    spec: str,
    *,
    device: str = "auto",
    dtype: str = "auto",
    batch_size: int = 0,
    trust_remote_code: bool = False,
    hash_cache_file: Path | None = None,
) -> LocalModel:
    """A model from a local folder or a hub id.

    Files, config, processor, tokenizer and template are read and checked now. Weights are read when
    the first question is asked, so that a run whose answers are all stored never reads them.

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
    chosen = choose_device(device)
    with quiet():
        config = load_config(facts, trust_remote_code=trust_remote_code)
        loader = auto_class(config, trust_remote_code=trust_remote_code)
        speech = load_processor(
            facts,
            has_vision=loader is AutoModelForImageTextToText,
            trust_remote_code=trust_remote_code,
        )
    return LocalModel(
        name=spec,
        facts=facts,
        config=config,
        loader=loader,
        speech=speech,
        device=chosen,
        dtype=choose_dtype(dtype, chosen, facts),
        batch_size=batch_size or _BATCH[chosen.type],
        trust_remote_code=trust_remote_code,
        hash_cache_file=hash_cache_file,
    )


class LocalModel:
    """A checkpoint in this process; made by `load`."""

    def __init__(
        self,
        *,
        name: str,
        facts: CheckpointFacts,
        config: Any,  # noqa: ANN401  any config of transformers
        loader: Any,  # noqa: ANN401  one of its auto classes
        speech: PromptProcessor,
        device: torch.device,
        dtype: str,
        batch_size: int,
        trust_remote_code: bool,
        hash_cache_file: Path | None,
    ) -> None:
        self.name = name
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = str(device)
        self._facts = facts
        self._config = config
        self._loader = loader
        self._speech = speech
        self._device = device
        self._trust_remote_code = trust_remote_code
        self._hash_cache_file = hash_cache_file
        self._fitting = AdaptiveBatcher(name=name, size=batch_size)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with whatever can change an answer: files, settings, and what computes."""
        return fingerprint(
            self._facts.path,
            dtype=self.dtype,
            attention=self._network_info.attention,
            versions=releases(torchvision=self._speech.by_torchvision),
            backend=self._speech.backend,
            hash_cache_file=self._hash_cache_file,
        )

    @cached_property
    def most_pictures(self) -> int:
        """How many pictures one prompt can show; 0 for a text-only checkpoint."""
        with quiet():
            return most_pictures(self._speech)

    @cached_property
    def needs_picture(self) -> bool:
        """Whether the network or its processor cannot do without one."""
        with quiet():
            return self._network_info.demands_picture or refuses_text(self._speech)

    @cached_property
    def _network_info(self) -> NetworkInfo:
        with quiet():
            return inspect_network(
                self._loader, self._config, trust_remote_code=self._trust_remote_code
            )

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401
        network = load_network(
            self._loader,
            self._facts,
            device=self._device,
            dtype=self.dtype,
            trust_remote_code=self._trust_remote_code,
        )
        check_unchanged(self._facts)
        return network

    @cached_property
    def _encoder(self) -> Encoder:
        encodes = loglikelihood.encodes(self._network)
        return Encoder(
            processor=self._speech,
            where=str(self._facts.path),
            needs_picture=self.needs_picture,
            most_pictures=self.most_pictures,
            encodes=encodes,
            device=self._device,
            dtype=getattr(torch, self.dtype),
        )

    @cached_property
    def _sharing(self) -> CacheSharing:
        return CacheSharing(network=self._network, encoder=self._encoder, dtype=self.dtype)

    def prepare(self, request: Request) -> Request:
        """The request with its pictures decoded, if there is room for many like it.

        It may be called in another thread than everything else.
        """
        return decode_ahead(request, max_bytes=bytes_per_request(self.batch_size))

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """The greedy continuation of each prompt, without special tokens and outer white space."""
        return self._answer(requests, self._generate)

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The log-likelihood of each option as the continuation of its prompt.

        `likelihood` states the measure, and `continuation` the rule for the seam between prompt and
        option.
        """
        return self._answer(requests, self._rank)

    def _answer(
        self, requests: Sequence[Request], ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> list[Answer]:
        """Ask in batches of requests of one shape, the costliest first: if they fit, all do."""
        priced = [(cost(request), index) for index, request in enumerate(requests)]
        order = [index for _, index in in_order(priced)]
        answers: dict[int, Answer] = {}
        with quiet(), torch.inference_mode():
            for _, group in groupby(order, key=lambda i: _shape(requests[i])):
                indices = list(group)
                said = self._fitting.run([requests[i] for i in indices], self._guarded(ask))
                answers.update(zip(indices, said, strict=True))
        return [answers[index] for index in range(len(requests))]

    def _guarded(
        self, ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> Callable[[Sequence[Request]], list[Answer]]:
        """Name the checkpoint and the sample in whatever a processor or a network raises."""

        def guarded(batch: Sequence[Request]) -> list[Answer]:
            try:
                return ask(batch)
            except MMBenchError:
                raise
            except Exception as error:
                if self._fitting.is_too_large(error):
                    raise
                raise CheckpointError(
                    f"model {self.name!r} could not be asked.",
                    sample=batch[0].sample,
                    reason=errors_as_checkpoint_error(error),
                ) from error

        return guarded

    def _generate(self, batch: Sequence[Request]) -> list[Answer]:
        inputs = self._encoder.encode(batch)
        said = self._network.generate(
            **inputs, generation_config=self._greedy(batch[0].new_tokens)
        )  # (batch, tokens)
        asked = inputs["input_ids"]
        if said.shape[1] >= asked.shape[1] and torch.equal(said[:, : asked.shape[1]], asked):
            said = said[:, asked.shape[1] :]
        texts = self._speech.tokenizer.batch_decode(said, skip_special_tokens=True)
        return [
            Answer(sample=request.sample, text=text.strip())
            for request, text in zip(batch, texts, strict=True)
        ]

    def _greedy(self, new_tokens: int) -> GenerationConfig:
        own, tokenizer = self._network.generation_config, self._speech.tokenizer
        stops = own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id
        return greedy(
            max_new_tokens=new_tokens,
            eos_token_id=stops,
            pad_token_id=tokenizer.pad_token_id,
        )

    def _rank(self, batch: Sequence[Request]) -> list[Answer]:
        found = self._sharing.likelihoods(batch)
        return [
            Answer(sample=request.sample, option_logprobs=tuple(each))
            for request, each in zip(batch, found, strict=True)
        ]


def _shape(request: Request) -> tuple[int, int]:
    """What requests of one batch share: how many pictures, and how many new tokens."""
    return len(request.prompt.pictures), request.new_tokens
