"""A checkpoint's folder: cheap checks before torch is loaded, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_mmbench.errors import CheckpointError, near, shorten
from pytest_mmbench.files import file_identity, replace_file

_INDEX = "model.safetensors.index.json"
_LENGTH_BYTES = 8
_LFS_START = b"version https://git-lfs"
_UNREADABLE = (
    msgspec.MsgspecError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What foreign JSON of a wrong shape, depth or encoding raises."""
_COPY_AGAIN = "copy the checkpoint again, or download it again"


def find_weights(folder: Path) -> tuple[Path, ...]:
    """The safetensors files that hold the weights, in the order of their names."""
    index, single = folder / _INDEX, folder / "model.safetensors"
    # In the order of transformers: beside one whole file, an older save's index counts for nothing.
    if single.is_file():
        return (single,)
    if index.is_file():
        return _find_shards(index)
    weights = tuple(sorted(folder.glob("*.safetensors")))
    if weights:
        return weights
    pickled = sorted(file.name for file in folder.glob("*.bin"))
    if pickled:
        raise CheckpointError(
            f"checkpoint {str(folder)!r} holds its weights only as pickle, which can run code.",
            found=", ".join(pickled[:3]),
            what_to_do="where you trust it, load it once with transformers and save_pretrained()"
            " it: that writes model.safetensors",
        )
    check_format(folder)
    raise CheckpointError(
        f"checkpoint {str(folder)!r} holds no weights.", looked_for=f"{_INDEX}, model.safetensors"
    )


FORMATS: Final[Mapping[str, str]] = {
    ".gguf": "GGUF",
    ".ggml": "GGML",
    ".onnx": "ONNX",
    ".engine": "TensorRT",
    ".mlmodel": "Core ML",
    ".tflite": "TensorFlow Lite",
    ".h5": "Keras",
    ".msgpack": "Flax",
    ".pt": "pickle",
    ".pth": "pickle",
    ".ckpt": "pickle",
}
"""Formats of weights that are not loaded, by the ends of their files' names."""


def check_format(path: Path) -> None:
    """Refuses weights in another format: a file, there or not, or a folder that holds no other.

    Raises:
        CheckpointError: it names the format, and what is supported.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    foreign = [file for file in files if file.suffix.lower() in FORMATS]
    if not foreign or any(file.suffix == ".safetensors" for file in files):
        return
    name = FORMATS[foreign[0].suffix.lower()]
    raise CheckpointError(
        f"model {str(path)!r}: weights in the format {name} are not supported.",
        found=", ".join(file.name for file in foreign[:3]) if path.is_dir() else "",
        supported="a folder in the hub's layout: config.json, tokenizer, *.safetensors",
        what_to_do="name the folder of the checkpoint that it was converted from",
    )


def _find_shards(index: Path) -> tuple[Path, ...]:
    try:
        weight_map = msgspec.convert(
            msgspec.json.decode(index.read_bytes())["weight_map"], dict[str, str]
        )
    except _UNREADABLE as error:
        raise CheckpointError(
            f"{str(index)!r} does not say which shard holds which weight.",
            reason=str(error),
            what_to_do=_COPY_AGAIN,
        ) from error
    names = sorted(set(weight_map.values()))
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise CheckpointError(
            f"checkpoint {str(index.parent)!r} lacks {len(missing)} of its {len(names)} shards.",
            first_missing=missing[0],
            named_by=index.name,
            what_to_do=_COPY_AGAIN,
        )
    return tuple(index.parent / name for name in names)


def check_sizes(weights: Sequence[Path]) -> None:
    """Compare each file's size with what its header promises.

    The layout is that of the safetensors format (https://huggingface.co/docs/safetensors,
    "Format"): eight bytes with the header's length, little endian; the header, a JSON object whose
    `data_offsets` end where the data end; the data.
    """
    for file in weights:
        promised, actual = _promised_bytes(file), file.stat().st_size
        if promised != actual:
            raise CheckpointError(
                f"weights {str(file)!r} are half written.",
                header_promises=f"{promised:,} bytes",
                file_has=f"{actual:,} bytes",
                what_to_do="wait until it is written, copy it again, or download it again",
            )


def _promised_bytes(file: Path) -> int:
    with file.open("rb") as stream:
        start = stream.read(_LENGTH_BYTES)
        if len(start) < _LENGTH_BYTES:
            raise _not_safetensors(file, "it has no header")
        if _LFS_START.startswith(start):
            raise CheckpointError(
                f"weights {str(file)!r} are a Git LFS pointer, not the weights.",
                what_to_do="run `git lfs pull` in the checkpoint's repository",
            )
        length = int.from_bytes(start, "little")
        if length > file.stat().st_size:
            return _LENGTH_BYTES + length
        header = stream.read(length)
    try:
        tensors = msgspec.json.decode(header)
        ends = [
            tensor["data_offsets"][1] for name, tensor in tensors.items() if name != "__metadata__"
        ]
        return _LENGTH_BYTES + length + max(ends, default=0)
    except _UNREADABLE as error:
        raise _not_safetensors(file, str(error)) from error


def _not_safetensors(file: Path, reason: str) -> CheckpointError:
    return CheckpointError(
        f"weights {str(file)!r} are not a safetensors file.", reason=reason, what_to_do=_COPY_AGAIN
    )


COMPUTE_PACKAGES: Final = ("torch", "transformers", "tokenizers", "pillow", "torchvision")
"""What decodes and prepares pictures, splits texts into tokens, and computes."""
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "spiece.model",
    "tekken.json",
    "vocab.json",
    "vocab.txt",
)
_PROCESSOR_FILES = (
    "processor_config.json",
    "preprocessor_config.json",
    "image_processor_config.json",
)
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin")
_MODEL_SUFFIXES = frozenset({".json", ".jinja", ".txt", ".model", ".py", ".tiktoken", ".vocab"})
_IGNORED_FILES = frozenset(
    {
        "all_results.json",
        "eval_results.json",
        "train_results.json",
        "trainer_state.json",
        "model.safetensors.index.json",
    }
)  # the index only repeats what the shards' own headers say
_IGNORED_FOLDERS = ("checkpoint-", "onnx", "original", "runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFacts:
    """What is known of a checkpoint before it is loaded."""

    path: Path
    model_type: str
    """The architecture's name in transformers, such as `llava`."""
    dtype: str
    """In which the weights were saved, such as `bfloat16`; empty if the config does not say."""
    has_vision: bool
    """Whether the config names a vision part."""
    weights: tuple[Path, ...]
    file_identities: Mapping[Path, str]
    """Of every file that can change an answer, as they were when it was inspected."""


def describe_error(error: Exception) -> str:
    """An error of another library, in one line of at most some 300 characters."""
    return f"{type(error).__name__}: {shorten(str(error), most=300)}"


def inspect_checkpoint(path: str | Path) -> CheckpointFacts:
    """Check a checkpoint's folder without loading it."""
    folder = Path(path)
    with _errors_as_checkpoint_error(folder):
        if not folder.is_dir():
            check_format(folder)
            raise _no_folder(folder)
        # Where PEFT is missing, an adapter beside its base model would be passed over in silence.
        adapter = [name for name in _ADAPTER_FILES if (folder / name).is_file()]
        if adapter:
            raise CheckpointError(
                f"checkpoint {str(folder)!r} is an adapter, not a whole model.",
                found=", ".join(adapter),
                what_to_do="merge it into its base model, such as by PEFT's merge_and_unload(), and"
                f" save that; if these weights are merged, move {' and '.join(adapter)} away",
            )
        config = _read_config(folder)
        has_vision = any(key in config for key in ("vision_config", "vision_tower", "visual"))
        _check_has_file(folder, _TOKENIZER_FILES, part="tokenizer", problem="has no tokenizer")
        if has_vision:
            problem = "has a vision part, and no processor for its pictures"
            _check_has_file(folder, _PROCESSOR_FILES, part="processor", problem=problem)
        weights = find_weights(folder)
        check_sizes(weights)
        levels = [level for level in (config, config.get("text_config")) if isinstance(level, dict)]
        # `dtype` since transformers 4.56, `torch_dtype` before.
        dtypes = (level.get(key) for level in levels for key in ("dtype", "torch_dtype"))
        return CheckpointFacts(
            path=folder,
            model_type=str(config.get("model_type", "")),
            dtype=next((dtype for dtype in dtypes if isinstance(dtype, str)), ""),
            has_vision=has_vision,
            weights=weights,
            file_identities={file: file_identity(file.resolve()) for file in _model_files(folder)},
        )


@contextmanager
def _errors_as_checkpoint_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointError(
            f"checkpoint {str(folder)!r} cannot be read.",
            file=str(error.filename or ""),
            reason=error.strerror or str(error),
            what_to_do="let this user read it, or copy it to a disk that can be read",
        ) from error


def _no_folder(path: Path) -> CheckpointError:
    if path.exists():
        return CheckpointError(
            f"model {str(path)!r} is a file, not a checkpoint's folder.",
            what_to_do=f"name the folder that holds it: {str(path.parent)!r}",
        )
    children = path.parent.iterdir() if path.parent.is_dir() else ()
    siblings = [child.name for child in children if child.is_dir()]
    return CheckpointError(
        f"there is no checkpoint folder {str(path)!r}.",
        working_folder=str(Path.cwd()),
        **near(path.name, siblings, label="folders_there"),
    )


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        check_format(folder)
        raise CheckpointError(
            f"checkpoint {str(folder)!r} has no config.json.",
            **near("config.json", (child.name for child in folder.iterdir()), label="files_there"),
        )
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except _UNREADABLE as error:
        raise CheckpointError(
            f"{str(file)!r} is not a JSON object.", reason=str(error), what_to_do=_COPY_AGAIN
        ) from error


def _check_has_file(folder: Path, names: Collection[str], *, part: str, problem: str) -> None:
    if not any((folder / name).is_file() for name in names):
        raise CheckpointError(
            f"checkpoint {str(folder)!r} {problem}.",
            looked_for=", ".join(names),
            what_to_do=f"copy the {part}'s files from the checkpoint that it was trained from",
        )


def check_files(facts: CheckpointFacts) -> None:
    """Refuse files that changed after inspection: answers would get another one's fingerprint."""
    for file, identity in facts.file_identities.items():
        if not file.is_file() or file_identity(file.resolve()) != identity:
            raise CheckpointError(
                f"checkpoint {str(facts.path)!r} changed while it was in use.",
                first_changed=str(file.relative_to(facts.path)),
                what_to_do="run again once nothing writes to it, or gate a copy",
            )


def installed_versions(*, torchvision: bool) -> dict[str, str]:
    """The public versions of the installed compute packages, by package."""
    versions = {}
    for package in COMPUTE_PACKAGES:
        if torchvision or package != "torchvision":
            with suppress(PackageNotFoundError):
                # 2.13.0+cpu and 2.13.0+cu130 are builds of one release.
                versions[package] = version(package).partition("+")[0]
    return versions


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
    and chat template, dtype, attention implementation and image backend, and the versions of what
    computes. Equal folders have equal fingerprints wherever they lie. `hash_cache_file` keeps
    content hashes by file identity, so that unchanged files are not read a second time.
    """
    folder = Path(path)
    cached: dict[str, str] = {}
    if hash_cache_file is not None:
        # Where it cannot be read or written, files are read again.
        with suppress(OSError, *_UNREADABLE):
            cached = msgspec.json.decode(hash_cache_file.read_bytes(), type=dict[str, str])
    releases = (f"{package} {release}" for package, release in sorted(versions.items()))
    result = hashlib.sha256("\0".join((dtype, attention, backend, *releases)).encode())
    current: dict[str, str] = {}
    with _errors_as_checkpoint_error(folder):
        for file in _model_files(folder):
            identity = file_identity(file.resolve())
            content_hash = cached.get(identity)
            if not content_hash:
                with file.open("rb") as stream:
                    content_hash = hashlib.file_digest(stream, "sha256").hexdigest()
            result.update(f"\n{file.relative_to(folder).as_posix()}\0{content_hash}".encode())
            # It may have been written to meanwhile: then nobody knows which bytes these were.
            if file_identity(file.resolve()) == identity:
                current[identity] = content_hash
    if hash_cache_file is not None and not current.items() <= cached.items():
        with suppress(OSError, UnicodeEncodeError):
            replace_file(hash_cache_file, msgspec.json.encode(cached | current))
    return result.hexdigest()


def _model_files(folder: Path) -> list[Path]:
    """Every file that can change an answer, sorted by path."""
    ignored = (".", *_IGNORED_FOLDERS)
    others = (
        file
        for file in folder.rglob("*")
        if file.suffix in _MODEL_SUFFIXES and file.name not in _IGNORED_FILES
        if not any(part.startswith(ignored) for part in file.relative_to(folder).parts)
    )
    return sorted([*find_weights(folder), *others])
