"""What transformers makes of a checkpoint's folder: config, auto class, network.

Everything is read from a local folder, so that nothing is fetched behind the reader's back.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from pytest_mmbench.models.checkpoint import CheckpointFacts

_DTYPES = ("bfloat16", "float16", "float32")


_KEPT_TOKENS = (
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars, notes and warnings out of the test report."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def choose_device(wanted: str) -> torch.device:
    """The named device, or the best one that is there: cuda, then mps, then cpu.

    Raises:
        SettingsError: There is no such device here.
    """
    here = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return torch.device(next(name for name, present in here.items() if present))
    kind = wanted.partition(":")[0]
    if not here.get(kind, False) or not _is_one(wanted):
        present = [name for name in here if here[name]]
        raise SettingsError(
            f"there is no device {wanted!r} here.",
            **near(kind, present),
            cuda_devices=str(torch.cuda.device_count()) if here["cuda"] else "",
        )
    return torch.device(wanted)


def _is_one(wanted: str) -> bool:
    """Whether a device is written as torch writes them, with a number that is there."""
    try:
        device = torch.device(wanted)
    except RuntimeError:
        return False
    return device.type != "cuda" or (device.index or 0) < torch.cuda.device_count()


def choose_dtype(wanted: str, device: torch.device, facts: CheckpointFacts) -> str:
    """The named dtype; by default float32 on a CPU, and the checkpoint's own elsewhere.

    Raises:
        SettingsError: There is no such dtype.
    """
    if wanted in _DTYPES:
        return wanted
    if wanted != "auto":
        raise SettingsError(f"dtype {wanted!r} is not known.", **near(wanted, ("auto", *_DTYPES)))
    return facts.dtype if device.type != "cpu" and facts.dtype in _DTYPES else "float32"


def load_config(facts: CheckpointFacts, *, trust_remote_code: bool) -> Any:  # noqa: ANN401
    """The checkpoint's config.

    Raises:
        CheckpointError: The architecture is not known, or brings code that was not allowed.
    """
    try:
        return AutoConfig.from_pretrained(
            facts.path, trust_remote_code=trust_remote_code, local_files_only=True
        )
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise _unknown(facts, error) from error


def _unknown(facts: CheckpointFacts, error: Exception) -> CheckpointError:
    if "trust_remote_code" in str(error):
        return CheckpointError(
            f"checkpoint {str(facts.path)!r} can only be loaded with Python code of its own.",
            what_to_do="read that code; if you trust it, allow it with trust_remote_code",
        )
    if facts.model_type in CONFIG_MAPPING:
        return CheckpointError(
            f"{str(facts.path / 'config.json')!r} is not valid.",
            reason=errors_as_checkpoint_error(error),
        )
    guess = near(facts.model_type, CONFIG_MAPPING)
    return CheckpointError(
        f"architecture {facts.model_type!r} is not known to the installed transformers.",
        asked_for_by=str(facts.path / "config.json"),
        did_you_mean=guess.get("did_you_mean", ""),
        what_to_do="install a newer transformers",
    )


def auto_class(config: Any, *, trust_remote_code: bool) -> Any:  # noqa: ANN401
    """The auto class that loads such a config: images and text if it can, text alone otherwise.

    Raises:
        CheckpointError: It is not a model that answers in text.
    """
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


def load_network(
    loader: Any,  # noqa: ANN401
    facts: CheckpointFacts,
    *,
    device: torch.device,
    dtype: str,
    trust_remote_code: bool,
) -> Any:  # noqa: ANN401
    """The network, ready to be asked greedily.

    Raises:
        CheckpointError: Weights are missing or have other shapes than the config says, or do not
            fit into memory.
    """
    try:
        network, report = loader.from_pretrained(
            facts.path,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            trust_remote_code=trust_remote_code,
            local_files_only=True,
            output_loading_info=True,
        )
        _check_complete(report["missing_keys"], facts.path)
        network = network.to(device).eval()
    except (RuntimeError, ValueError, OSError, ImportError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the weights of checkpoint {str(facts.path)!r} cannot be loaded.",
            reason=errors_as_checkpoint_error(error),
        ) from error
    _answer_greedily(network)
    return network


def _check_complete(missing: set[str], path: Path) -> None:
    """A network with random numbers in the place of weights would answer, and mean nothing."""
    if missing:
        raise CheckpointError(
            f"checkpoint {str(path)!r} lacks {len(missing)} of the network's weights.",
            first_missing=min(missing),
            what_to_do="check that weights and config.json belong together",
        )


def _answer_greedily(network: Any) -> None:  # noqa: ANN401
    """Drop every sampling setting of the checkpoint, in the network and in what it wraps."""
    for module in network.modules():
        own = getattr(module, "generation_config", None)
        if isinstance(own, GenerationConfig):
            tokens = {name: getattr(own, name, None) for name in _KEPT_TOKENS}
            module.generation_config = greedy(**tokens)


def greedy(**settings: Any) -> GenerationConfig:  # noqa: ANN401
    """The likeliest token at every step, whatever the checkpoint's authors sample with."""
    return GenerationConfig(do_sample=False, num_beams=1, **settings)  # type: ignore[no-untyped-call]


def errors_as_checkpoint_error(error: Exception) -> str:
    """What an error of another library says, in one line of at most 300 characters."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"
