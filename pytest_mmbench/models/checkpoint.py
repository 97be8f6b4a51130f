"""What lies on disk: cheap checks before anything heavy is loaded, and the fingerprint.

Nothing here imports torch or transformers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pytest_mmbench.errors import CheckpointError, near
from pytest_mmbench.files import file_identity, replace_file
from pytest_mmbench.models.weights import check_whole, find_weights

_TOKENIZERS = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "spiece.model",
    "tekken.json",
    "vocab.json",
    "vocab.txt",
)


_PROCESSORS = ("processor_config.json", "preprocessor_config.json", "image_processor_config.json")


_ADAPTER = "adapter_config.json"


_SETTINGS = frozenset({".json", ".jinja", ".txt", ".model", ".py", ".tiktoken", ".vocab"})


_NOT_THE_MODEL = frozenset(
    {
        "all_results.json",
        "eval_results.json",
        "train_results.json",
        "trainer_state.json",
        "model.safetensors.index.json",
    }
)  # the index only repeats what the shards' own headers say


_NOT_THE_MODEL_FOLDERS = ("checkpoint-", "onnx", "original", "runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFacts:
    """What is known of a checkpoint before it is loaded."""

    path: Path
    model_type: str
    """The architecture's name in transformers, such as `llava`."""
    dtype: str
    """In which the weights were saved, such as `bfloat16`; empty if the config does not say."""
    has_vision: bool
    """Whether the config speaks of a vision part."""
    weights: tuple[Path, ...]
    identities: Mapping[Path, str]
    """Of every file that can change an answer, as they were when it was looked at."""


def inspect_checkpoint(path: str | Path) -> CheckpointFacts:
    """Look at a checkpoint's folder without loading it.

    Raises:
        CheckpointError: The folder is missing, is a file, cannot be read, or holds an adapter;
            `config.json` is missing or is not JSON; weights are missing, half written or pickled;
            there is no tokenizer, or no processor for the pictures.
    """
    folder = Path(path)
    with _errors_as_checkpoint_error(folder):
        _check_folder(folder)
        _check_merged(folder)
        config = _config(folder)
        sees = any(key in config for key in ("vision_config", "vision_tower", "visual"))
        _check_tokenizer(folder)
        if sees:
            _check_processor(folder)
        weights = find_weights(folder)
        check_whole(weights)
        return CheckpointFacts(
            path=folder,
            model_type=str(config.get("model_type", "")),
            dtype=_dtype(config),
            has_vision=sees,
            weights=weights,
            identities={file: file_identity(file.resolve()) for file in _files(folder)},
        )


@contextmanager
def _errors_as_checkpoint_error(folder: Path) -> Iterator[None]:
    """Name what cannot be read: another user's files, or those of a disk that is gone."""
    try:
        yield
    except OSError as error:
        raise CheckpointError(
            f"checkpoint {str(folder)!r} cannot be read.",
            file=str(error.filename or ""),
            reason=error.strerror or str(error),
            what_to_do="let this user read it, or copy it to a disk that can be read",
        ) from error


def check_unchanged(facts: CheckpointFacts) -> None:
    """Refuse files that are not those that were looked at.

    Processor and tokenizer are read first, files hashed later and weights last: answers would be
    kept for good under the fingerprint of another checkpoint.

    Raises:
        CheckpointError: One of them was written to, or is gone.
    """
    for file, identity in facts.identities.items():
        if not file.is_file() or file_identity(file.resolve()) != identity:
            raise CheckpointError(
                f"checkpoint {str(facts.path)!r} changed while it was being read.",
                first_changed=str(file.relative_to(facts.path)),
                what_to_do="run again once nothing writes to it, or gate a copy",
            )


def _check_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if folder.exists():
        raise CheckpointError(
            f"model {str(folder)!r} is a file, not a checkpoint's folder.",
            what_to_do=f"name the folder that holds it: {str(folder.parent)!r}",
        )
    parent = folder.parent
    siblings = (
        [child.name for child in parent.iterdir() if child.is_dir()] if parent.is_dir() else []
    )
    raise CheckpointError(
        f"there is no checkpoint folder {str(folder)!r}.",
        looked_from=str(Path.cwd()),
        **near(folder.name, siblings, label="folders_there"),
    )


def _check_merged(folder: Path) -> None:
    """An adapter beside its base model would be passed over in silence where PEFT is missing."""
    if (folder / _ADAPTER).is_file():
        raise CheckpointError(
            f"checkpoint {str(folder)!r} is an adapter, not a whole model.",
            found=_ADAPTER,
            what_to_do="merge it into its base model, such as by PEFT's merge_and_unload(), and"
            f" save that; if these weights are merged, move {_ADAPTER} away",
        )


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        raise CheckpointError(
            f"checkpoint {str(folder)!r} has no config.json.",
            **near("config.json", (child.name for child in folder.iterdir()), label="files_there"),
        )
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CheckpointError(
            f"{str(file)!r} is not a JSON object.",
            reason=str(error),
            what_to_do="copy the checkpoint again, or download it again",
        ) from error


def _dtype(config: dict[str, Any]) -> str:
    """The saved dtype: `dtype` since transformers 4.56, `torch_dtype` before."""
    text = config.get("text_config")
    levels = [config, text] if isinstance(text, dict) else [config]
    found = (level.get(key) for level in levels for key in ("dtype", "torch_dtype"))
    return next((name for name in found if isinstance(name, str)), "")


def _check_tokenizer(folder: Path) -> None:
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise CheckpointError(
            f"checkpoint {str(folder)!r} has no tokenizer.",
            looked_for=", ".join(_TOKENIZERS),
            what_to_do="copy the tokenizer's files from the checkpoint that it was trained from",
        )


def _check_processor(folder: Path) -> None:
    if not any((folder / name).is_file() for name in _PROCESSORS):
        raise CheckpointError(
            f"checkpoint {str(folder)!r} has a vision part, and no processor for its pictures.",
            looked_for=", ".join(_PROCESSORS),
            what_to_do="copy the processor's files from the checkpoint that it was trained from",
        )


def fingerprint(
    path: str | Path,
    *,
    dtype: str,
    attention: str,
    versions: Mapping[str, str],
    backend: str = "",
    hash_cache_file: Path | None = None,
) -> str:
    """A sha256 of everything that can change an answer, in hexadecimal.

    It covers names and contents of the weights, config, generation config, processor, tokenizer
    and chat template, the three settings, and the versions of what computes. Equal folders have
    equal fingerprints wherever they lie.

    Args:
        path: The checkpoint's folder.
        dtype: In which the model computes, such as `float32`.
        attention: The attention implementation, such as `sdpa`.
        versions: Of the libraries that compute, by package: a release may change pixels or logits.
        backend: What prepares the pictures, such as `CLIPImageProcessorPil`.
        hash_cache_file: A JSON file in which content hashes are kept by path, size, times
            and inode, so that unchanged files are not read a second time.

    Raises:
        CheckpointError: A file is gone, or cannot be read.
    """
    folder = Path(path)
    memory = _cached_hashes(hash_cache_file)
    releases = (f"{package} {version}" for package, version in sorted(versions.items()))
    whole = hashlib.sha256("\0".join((dtype, attention, backend, *releases)).encode())
    fresh: dict[str, str] = {}
    with _errors_as_checkpoint_error(folder):
        for file in _files(folder):
            identity = file_identity(file.resolve())
            content = memory.get(identity) or _hash(file)
            whole.update(f"\n{file.relative_to(folder).as_posix()}\0{content}".encode())
            # It may have been written to meanwhile: then nobody knows which bytes these were.
            if file_identity(file.resolve()) == identity:
                fresh[identity] = content
    if hash_cache_file is not None and not fresh.items() <= memory.items():
        _write_hashes(hash_cache_file, memory | fresh)
    return whole.hexdigest()


def _files(folder: Path) -> Sequence[Path]:
    return sorted([*find_weights(folder), *_settings(folder)])


def _settings(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        inside = file.relative_to(folder)
        skipped = any(part.startswith((".", *_NOT_THE_MODEL_FOLDERS)) for part in inside.parts)
        if file.suffix in _SETTINGS and file.name not in _NOT_THE_MODEL and not skipped:
            yield file


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _cached_hashes(cache: Path | None) -> dict[str, str]:
    """What was kept; a file that cannot be read costs time, never a wrong fingerprint."""
    if cache is None:
        return {}
    try:
        return msgspec.json.decode(cache.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _write_hashes(cache: Path, memory: dict[str, str]) -> None:
    """Write what is known; where that cannot be done, files are read again the next time."""
    with suppress(OSError, UnicodeEncodeError):
        replace_file(cache, msgspec.json.encode(memory))
