"""What transformers makes of a checkpoint's local folder: config, auto class, network."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

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

from pytest_mmbench.errors import CheckpointError, SettingsError, near
from pytest_mmbench.models.checkpoint import CheckpointFacts, describe_error
from pytest_mmbench.models.loglikelihood import Network

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
    "forced_eos_token_id",
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
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    kinds = [kind for kind, is_available in available.items() if is_available]
    if name == "auto":
        return torch.device(kinds[0])
    kind = name.partition(":")[0]
    try:
        device = torch.device(name) if kind in kinds else None
    except RuntimeError:  # not written as torch writes devices
        device = None
    if device is not None and (
        device.type != "cuda" or (device.index or 0) < torch.cuda.device_count()
    ):
        return device
    raise SettingsError(
        f"there is no device {name!r} here.",
        **near(kind, kinds),
        cuda_devices=str(torch.cuda.device_count()) if available["cuda"] else "",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInfo:
    """What is known of a network before its weights are read."""

    attention: str
    """The attention implementation that transformers picks."""
    needs_picture: bool
    """Whether it has no way to run without a picture, as Q-Formers have none."""


def inspect_network(
    auto_class: AutoClass, config: Config, *, trust_remote_code: bool
) -> NetworkInfo:
    """Build the network of a config without weights, and look at its attention and its inputs."""
    try:
        with torch.device("meta"):
            network = auto_class.from_config(config, trust_remote_code=trust_remote_code)
    except Exception as error:  # whatever the network's own code raises, also a checkpoint's
        raise CheckpointError(
            f"a network of architecture {config.model_type!r} cannot be made of its config.",
            reason=describe_error(error),
            what_to_do="compare config.json with the original checkpoint's; install what it names",
        ) from error
    pixels = inspect.signature(network.forward).parameters.get("pixel_values")
    return NetworkInfo(
        attention=str(getattr(network.config, "_attn_implementation", "")),
        needs_picture=pixels is not None and pixels.default is inspect.Parameter.empty,
    )


def load_network(
    auto_class: AutoClass,
    facts: CheckpointFacts,
    *,
    device: torch.device,
    dtype: str,
    trust_remote_code: bool,
) -> Network:
    """The network with its weights, and without the sampling settings of the checkpoint."""
    try:
        network, report = auto_class.from_pretrained(
            facts.path,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            trust_remote_code=trust_remote_code,
            local_files_only=True,
            output_loading_info=True,
        )
        missing = report["missing_keys"]
        # A network with random numbers in the place of weights would answer, and mean nothing.
        if missing:
            raise CheckpointError(
                f"checkpoint {str(facts.path)!r} lacks {len(missing)} of the network's weights.",
                first_missing=min(missing),
                what_to_do="check that weights and config.json belong together",
            )
        network = network.to(device).eval()
    except (RuntimeError, ValueError, OSError, ImportError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the weights of checkpoint {str(facts.path)!r} cannot be loaded.",
            reason=describe_error(error),
        ) from error
    # Networks that the network wraps have sampling settings of their own.
    for module in network.modules():
        own = getattr(module, "generation_config", None)
        if isinstance(own, GenerationConfig):
            tokens = {name: getattr(own, name, None) for name in _TOKEN_SETTINGS}
            module.generation_config = greedy_config(**tokens)
    return network


def greedy_config(**settings: Any) -> GenerationConfig:  # noqa: ANN401
    """The likeliest token at every step, whatever the checkpoint's authors sample with."""
    return GenerationConfig(do_sample=False, num_beams=1, **settings)  # type: ignore[no-untyped-call]
