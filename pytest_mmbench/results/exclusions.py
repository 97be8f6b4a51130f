"""Lists of samples that a gate leaves out, with the rule that found them.

    {"schema": 1, "benchmark": "mmstar", "revision": "mmstar-1 5f0c...",
     "rule": "known to at least 3 of 8 text models", "samples": ["17", "203"]}

`mmbench shortcuts` and `mmbench lint` write such a file and `--mm-exclude` reads it; several lists
make a JSON array. The revision is that of the benchmark's data. An id means nothing in other data,
so that whoever applies a list compares it with `Benchmark.revision` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from pytest_mmbench import files
from pytest_mmbench.errors import DataError

SCHEMA: Final = 1
"""Of a list; grows when a field is renamed, removed, or means something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Samples of one benchmark that are left out."""

    schema: int = SCHEMA
    benchmark: str
    revision: str
    """Of the data in which they were found."""
    rule: str
    """Why, in words that reports repeat."""
    samples: tuple[str, ...]
    """Their ids, in the order of the data."""


def read(path: Path) -> tuple[Exclusion, ...]:
    """The lists of a file.

    Raises:
        DataError: there is no file, it holds something else, or a later pytest-mmbench wrote it.
    """
    try:
        content = msgspec.json.decode(files.read_regular(path), type=Exclusion | list[Exclusion])
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path} is no list of samples to leave out.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="name one that `mmbench shortcuts` has written, or `mmbench lint`",
        ) from error
    lists = tuple(content) if isinstance(content, list) else (content,)
    for exclusion in lists:
        files.check_schema(path, exclusion.schema, known=SCHEMA)
    return lists


def write(exclusions: Sequence[Exclusion], path: Path) -> None:
    """Writes lists: one as an object, several as an array of them."""
    content = msgspec.json.encode(exclusions[0] if len(exclusions) == 1 else list(exclusions))
    files.replace_file(path, msgspec.json.format(content, indent=2) + b"\n")
