"""Which files hold a checkpoint's weights, and whether they were written to their end.

Only the headers are read. The layout is that of the safetensors format
(https://huggingface.co/docs/safetensors, "Format"): eight bytes with the header's length, little
endian; the header, a JSON object whose `data_offsets` end where the data end; the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pytest_mmbench.errors import CheckpointError

_INDEX = "model.safetensors.index.json"
_LENGTH_BYTES = 8
_LFS_START = b"version https://git-lfs"
_COPY_AGAIN = "copy the checkpoint again, or download it again"


def find_weights(folder: Path) -> tuple[Path, ...]:
    """The safetensors files that hold the weights, in the order of their names.

    Raises:
        CheckpointError: There are none, or a shard that the index names is missing.
    """
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
    raise CheckpointError(
        f"checkpoint {str(folder)!r} holds no weights.",
        looked_for=f"{_INDEX}, model.safetensors",
    )


def _find_shards(index: Path) -> tuple[Path, ...]:
    try:
        weight_map = msgspec.convert(
            msgspec.json.decode(index.read_bytes())["weight_map"], dict[str, str]
        )
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeDecodeError) as error:
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

    Raises:
        CheckpointError: A file is cut short, is a Git LFS pointer, or is not a safetensors file.
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
    except (msgspec.MsgspecError, AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise _not_safetensors(file, str(error)) from error


def _not_safetensors(file: Path, reason: str) -> CheckpointError:
    return CheckpointError(
        f"weights {str(file)!r} are not a safetensors file.", reason=reason, what_to_do=_COPY_AGAIN
    )
