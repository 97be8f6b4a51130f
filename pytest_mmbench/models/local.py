"""A checkpoint of transformers, loaded from a local folder and asked in this process."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import torch
from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    GenerationConfig,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
)
from transformers.utils import logging

from pytest_mmbench.errors import CheckpointError, DataError, MMBenchError, SettingsError, near
from pytest_mmbench.images.decode import bytes_per_request, decode_ahead
from pytest_mmbench.models.batch_order import cost, sort_by_cost
from pytest_mmbench.models.cache import CacheSharing
from pytest_mmbench.models.checkpoint import (
    CheckpointFacts,
    check_files,
    describe_error,
    fingerprint,
    inspect_checkpoint,
    installed_versions,
)
from pytest_mmbench.models.context import context_length
from pytest_mmbench.models.continuation import AnswerDecoder
from pytest_mmbench.models.drawing import call_settings
from pytest_mmbench.models.hub import find_checkpoint
from pytest_mmbench.models.loglikelihood import CHECKED_TOKENS, Network, is_encoder_decoder
from pytest_mmbench.models.memory import AdaptiveBatcher, is_out_of_memory
from pytest_mmbench.models.processor import (
    Encoder,
    PromptProcessor,
    load_processor,
    plain_request,
    prompt_lengths,
)
from pytest_mmbench.models.self_check import PromptShape, check_prompt, choose_samples, prompt_shape
from pytest_mmbench.models.tokens import EndTokens, find_end_tokens
from pytest_mmbench.models.weights import check_loaded
from pytest_mmbench.records import Answer, Request, RequestType

_DTYPES = ("bfloat16", "float16", "float32")
Config: TypeAlias = Any
"""Any config of transformers."""
AutoClass: TypeAlias = Any
"""One of its auto classes."""
_TOKEN_SETTINGS = (
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
)


@contextmanager
def silence_transformers() -> Iterator[None]:
    """Keep transformers' progress bars, notes and warnings out of the test report."""
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def choose_device(name: str) -> torch.device:
    """The named device, or for `auto` the best one of this machine: cuda, then mps, then cpu."""
    has_cuda, has_mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    kinds = [*(["cuda"] if has_cuda else []), *(["mps"] if has_mps else []), "cpu"]
    if name == "auto":
        return torch.device(kinds[0])
    kind = name.partition(":")[0]
    try:
        device = torch.device(name) if kind in kinds else None
    except RuntimeError:  # not written as torch writes devices
        device = None
    count = torch.cuda.device_count() if has_cuda else 0
    if device is not None and (device.type != "cuda" or (device.index or 0) < count):
        return device
    raise SettingsError(
        f"there is no device {name!r} here.",
        **near(kind, kinds),
        cuda_devices=str(count) if has_cuda else "",
    )


def choose_dtype(name: str, device: torch.device, facts: CheckpointFacts) -> str:
    """The named dtype; for `auto` float32 on a CPU, and the checkpoint's own elsewhere."""
    if name in _DTYPES:
        return name
    if name != "auto":
        raise SettingsError(f"dtype {name!r} is not known.", **near(name, ("auto", *_DTYPES)))
    return facts.dtype if device.type != "cpu" and facts.dtype in _DTYPES else "float32"


def load_config(facts: CheckpointFacts, *, trust_remote_code: bool) -> Config:
    """The checkpoint's config."""
    try:
        return AutoConfig.from_pretrained(
            facts.path, trust_remote_code=trust_remote_code, local_files_only=True
        )
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise _config_error(facts, error) from error


def _config_error(facts: CheckpointFacts, error: Exception) -> CheckpointError:
    if "trust_remote_code" in str(error):
        return CheckpointError(
            f"checkpoint {str(facts.path)!r} can only be loaded with Python code of its own.",
            what_to_do="read that code; if you trust it, allow it with trust_remote_code",
        )
    if facts.model_type in CONFIG_MAPPING:
        return CheckpointError(
            f"{str(facts.path / 'config.json')!r} is not valid.", reason=describe_error(error)
        )
    return CheckpointError(
        f"architecture {facts.model_type!r} is not known to the installed transformers.",
        asked_for_by=str(facts.path / "config.json"),
        did_you_mean=near(facts.model_type, CONFIG_MAPPING).get("did_you_mean", ""),
        what_to_do="install a newer transformers",
    )


def choose_auto_class(config: Config, *, trust_remote_code: bool) -> AutoClass:
    """The auto class that loads such a config: images and text if it can, text alone otherwise."""
    own = getattr(config, "auto_map", None) or {} if trust_remote_code else {}
    kind = config.model_type
    if kind in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES or "AutoModelForImageTextToText" in own:
        return AutoModelForImageTextToText
    if kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or "AutoModelForCausalLM" in own:
        return AutoModelForCausalLM
    raise CheckpointError(
        f"architecture {kind!r} does not answer in text.",
        what_to_do="name one that AutoModelForImageTextToText or AutoModelForCausalLM loads",
    )


class NetworkInfo(NamedTuple):
    """A network's attention implementation, and whether, as Q-Formers, it requires a picture."""

    attention: str
    needs_picture: bool


def greedy_config(**settings: Any) -> GenerationConfig:  # noqa: ANN401
    """The likeliest token at every step, whatever the checkpoint's authors sample with."""
    return GenerationConfig(do_sample=False, num_beams=1, **settings)  # type: ignore[no-untyped-call]


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

    `spec` is a folder, `owner/name` or `owner/name@revision`; a `batch_size` of 0 is chosen by
    device; `hash_cache_file` keeps file hashes between runs.

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
            backend=" ".join([self.processor.image_backend, *self._readings]),
            hash_cache_file=self.hash_cache_file,
        )

    @property
    def _readings(self) -> list[str]:
        """In what its answers differ from those of older releases, which may still be stored."""
        end = self._end_tokens
        return [
            *(["whole prompts"] if self.processor.cut_prompts else []),
            *([f"ends at {sorted(end.ids)}"] if end.are_new else []),
            *(["marks of thoughts"] if self._answer_decoder.keeps_marks else []),
            *(["opened thoughts"] if self.processor.template.opened_thought() else []),
        ]

    @cached_property
    def _end_tokens(self) -> EndTokens:
        tokenizer, turn_end = self.processor.tokenizer, self.processor.template.turn_end
        return find_end_tokens(self.facts, self.config, tokenizer, turn_end=turn_end)

    @cached_property
    def _answer_decoder(self) -> AnswerDecoder:
        return AnswerDecoder(tokenizer=self.processor.tokenizer, end_tokens=self._end_tokens.ids)

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
        kind = self.config.model_type
        try:
            with silence_transformers(), torch.device("meta"):
                network = self.auto_class.from_config(
                    self.config, trust_remote_code=self.trust_remote_code
                )
        except Exception as error:  # whatever the network's own code raises, also a checkpoint's
            raise CheckpointError(
                f"a network of architecture {kind!r} cannot be made of its config.",
                reason=describe_error(error),
                what_to_do="compare config.json with the original checkpoint's; install what it"
                " names",
            ) from error
        pixels = inspect.signature(network.forward).parameters.get("pixel_values")
        attention = str(getattr(network.config, "_attn_implementation", ""))
        requires = pixels is not None and pixels.default is inspect.Parameter.empty
        return NetworkInfo(attention, requires)

    @cached_property
    def _network(self) -> Network:
        """The network with its weights, and without the sampling settings of the checkpoint."""
        folder = str(self.facts.path)
        try:
            network, report = self.auto_class.from_pretrained(
                self.facts.path,
                dtype=getattr(torch, self.dtype),
                use_safetensors=True,
                trust_remote_code=self.trust_remote_code,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # `check_loaded` names them
            )
            check_loaded(network, report, self.facts)
            network = network.to(self.torch_device).eval()
        except (RuntimeError, ValueError, OSError, ImportError, KeyError, TypeError) as error:
            problem = f"the weights of checkpoint {folder!r} cannot be loaded."
            raise CheckpointError(problem, reason=describe_error(error)) from error
        # Networks that the network wraps have sampling settings of their own.
        for module in network.modules():
            own = getattr(module, "generation_config", None)
            if isinstance(own, GenerationConfig):
                tokens = {name: getattr(own, name, None) for name in _TOKEN_SETTINGS}
                module.generation_config = greedy_config(**tokens)
        check_files(self.facts)
        return network

    @cached_property
    def _sharing(self) -> CacheSharing:
        encoder = Encoder(
            processor=self.processor,
            checkpoint=str(self.facts.path),
            is_encoder_decoder=is_encoder_decoder(self._network),
            needs_picture=self.needs_picture,
            most_pictures=self.most_pictures,
            context=context_length(self.config),
            device=self.torch_device,
            dtype=getattr(torch, self.dtype),
        )
        return CacheSharing(network=self._network, encoder=encoder, dtype=self.dtype)

    def check_unchanged(self) -> None:
        """Refuses files that changed since: on a CPU the network's weights are the file's bytes."""
        check_files(self.facts)

    def prepare(self, request: Request) -> Request:
        """The request with its pictures decoded, if there is room; may run in another thread."""
        return decode_ahead(request, max_bytes=bytes_per_request(self.batch_size))

    def self_check(self, requests: Sequence[Request]) -> None:
        """Ask a few of these requests, so that what is wrong is known before the first answer.

        They are compared with what was meant, and their batch with each of them alone. It costs as
        much as some ten requests of each kind: ranked and generated, with and without pictures.
        """
        askable = list(requests)
        while askable:
            try:
                for sample in choose_samples(askable):
                    self._check_prompts([sample.longest, *sample.batch])
                    if sample.longest.type is RequestType.LOGLIKELIHOOD:
                        self.rank(sample.batch)
                    else:
                        most = min(CHECKED_TOKENS, sample.longest.new_tokens)
                        self.generate([replace(each, new_tokens=most) for each in sample.batch])
                askable = []
            except DataError as error:
                # A sample that is refused by name is the queue's to report; the others are checked.
                refused = error.facts.get("sample")
                left = [each for each in askable if each.sample != refused]
                askable = left if len(left) < len(askable) else []

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found different from what it should be, and what is done about it."""
        if "_sharing" not in vars(self):
            return ()
        return (*self._sharing.checks.notes, *self._sharing.encoder.notes)

    @cached_property
    def _checked_shapes(self) -> set[PromptShape]:
        """Those of which a prompt was compared with what it means."""
        return set()

    def _check_prompts(self, requests: Sequence[Request]) -> None:
        """Compare prompts with what they mean, and know their shape from then on."""
        with silence_transformers():
            for request in requests:
                check_prompt(self._sharing.encoder, request)
                self._checked_shapes.add(prompt_shape(request))

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """The continuation of each prompt, without special tokens and outer white space."""
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
                if prompt_shape(batch[0]) not in self._checked_shapes:
                    self._check_prompts(batch[:1])
                return ask(batch)
            except MMBenchError:
                raise
            except Exception as error:  # whatever a processor or a network raises
                if is_out_of_memory(error):
                    raise
                if middle := len(batch) // 2:
                    return ask_or_explain(batch[:middle]) + ask_or_explain(batch[middle:])
                raise self._failure(batch[0], error, ask) from error

        def shape(index: int) -> tuple[object, ...]:
            request = requests[index]
            quotes = bool(self.processor.quoted(request))
            law = request.sampling and request.sampling.law
            decoding = (request.new_tokens, request.thinking, request.stop, request.thoughts, law)
            return len(request.prompt.pictures), *decoding, quotes

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

    def _failure(
        self,
        request: Request,
        error: Exception,
        ask: Callable[[Sequence[Request]], list[Answer]],
    ) -> MMBenchError:
        """What to say of a request that failed by itself: is it the sample, or the model?

        A model that answers a plain question with as many pictures fails at this sample only.
        """
        facts = {"sample": request.sample, "reason": describe_error(error)}
        try:
            ask([plain_request(request)])
        except Exception:  # noqa: BLE001  then it can be asked nothing
            return CheckpointError(f"model {self.name!r} could not be asked.", **facts)
        return DataError(
            f"model {self.name!r} fails at a sample.",
            **facts,
            what_to_do="look at its pictures and texts, or leave such samples out with"
            " --mm-bad-rows=skip",
        )

    def _generate_batch(self, batch: Sequence[Request]) -> list[Answer]:
        encoder, most_new = self._sharing.encoder, batch[0].new_tokens
        encoded = encoder.encode(batch)
        inputs = encoded.inputs
        if encoder.context is not None and not encoder.is_encoder_decoder:
            room = encoder.context - max(prompt_lengths(inputs))
            if room < most_new and len(batch) > 1:
                # How much room an answer has must not depend on the prompts beside its own.
                return [self._generate_batch([request])[0] for request in batch]
            most_new = min(most_new, room)
        tokenizer, network = self.processor.tokenizer, self._network
        config = greedy_config(
            max_new_tokens=most_new,
            eos_token_id=list(self._end_tokens.ids) or None,
            pad_token_id=tokenizer.pad_token_id,
        )
        if len(batch) > 1 and not self._sharing.can_generate_together(batch, encoded, config):
            return [self._generate_batch([request])[0] for request in batch]
        prompts = inputs["input_ids"]  # (batch, prompt tokens)
        settings = call_settings(batch, tokenizer=tokenizer, device=self.torch_device)
        output = network.generate(**inputs, generation_config=config, **settings)  # (batch, tokens)
        # Most decoders repeat the prompt before what they generate.
        width = prompts.shape[1]
        if output.shape[1] >= width and torch.equal(output[:, :width], prompts):
            output = output[:, width:]
        opened = self.processor.template.opened_thought(
            thinking=batch[0].thinking, marks=batch[0].thoughts
        )
        rows: list[list[int]] = output.tolist()
        return self._answer_decoder.answers(batch, rows, limit=most_new, opened=opened)

    def _rank_batch(self, batch: Sequence[Request]) -> list[Answer]:
        batch_logprobs = self._sharing.option_logprobs(batch)
        return [
            Answer(sample=request.sample, option_logprobs=tuple(logprobs))
            for request, logprobs in zip(batch, batch_logprobs, strict=True)
        ]
