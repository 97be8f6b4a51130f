"""Published data, read as their authors published them: files, folders and datasets of the hub.

Fields are read at once and pictures when they are asked for, so that collecting tens of thousands
of rows decodes nothing. Which library opens what is decided here, and loaded here:

    table = open_table("data/MMStar", pictures=("image",), split="val")
    table.require("question", "answer")
    for row in table.rows:
        row.text("question"), row.picture("image", name="mmstar/17")
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.reading.rows import Row, Table
from pytest_mmbench.errors import DataError, near

__all__ = ["Row", "Table", "open_table"]

FORMATS: Final = (".parquet", ".tsv", ".jsonl", ".json")
"""What a folder is searched for; the first of these that it holds is read."""
HUB_ID: Final = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
SHOWN: Final = 4
"""Files that an error names."""

_SHARD: Final = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}(?:-\w+)?")
"""How the hub names the files of a split: `validation-00000-of-00003.parquet`."""


def open_table(data: str, *, pictures: Sequence[str], config: str = "", split: str = "") -> Table:
    """The rows of a file, of all files of a folder, or of a dataset of the hub.

    Args:
        data: a path, or a hub id such as `Lin-Chen/MMStar`.
        pictures: columns that hold pictures and are read only when asked for.
        config: of a dataset of the hub: which of its configurations.
        split: of a dataset of the hub, or of a folder whose file names tell their splits.

    Raises:
        DataError: there is no such thing, it is damaged, or it holds no rows.
    """
    path = Path(data).expanduser()
    if path.is_dir():
        table = _from_files(_chosen(path, split), pictures, folder=path)
    elif path.is_file():
        table = _from_files([path], pictures, folder=path.parent)
    elif HUB_ID.fullmatch(data) and path.suffix.lower() not in FORMATS:
        table = _from_hub(data, pictures, config=config, split=split)
    else:
        raise _missing(path, data)
    if not table.rows:
        raise DataError(f"{data} holds no rows.", file=data)
    return table


def _chosen(folder: Path, split: str) -> list[Path]:
    """The files of a folder that belong together: one format, one split."""
    every = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for suffix in FORMATS:
        found = [path for path in every if path.suffix.lower() == suffix]
        shards = [path for path in found if _split(path) == split] if split else []
        if shards or len(found) == 1:
            return shards or found
        if found:
            raise _several(folder, found, split)
    raise DataError(
        f"{folder.name} holds no file that could be read.",
        folder=str(folder),
        known=", ".join(f"*{suffix}" for suffix in FORMATS),
    )


def _split(path: Path) -> str:
    shard = _SHARD.fullmatch(path.stem)
    return shard["split"] if shard else path.stem


def _several(folder: Path, found: Sequence[Path], split: str) -> DataError:
    names = [str(path.relative_to(folder)) for path in found]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return DataError(
        f"{folder.name} holds {len(names)} files, and none is called after the split {split!r}.",
        folder=str(folder),
        found=", ".join(names[:SHOWN]) + more,
        what_to_do="name the file instead of the folder",
    )


def _from_files(paths: Sequence[Path], pictures: Sequence[str], *, folder: Path) -> Table:
    # pyarrow takes a tenth of a second to load, which other formats need not pay.
    suffix = paths[0].suffix.lower()
    if suffix == ".parquet":
        from pytest_mmbench.benchmarks.reading import parquet  # noqa: PLC0415

        return parquet.read(paths, pictures, folder=folder)
    if suffix == ".tsv":
        from pytest_mmbench.benchmarks.reading import tsv  # noqa: PLC0415

        return tsv.read(paths[0], pictures)
    if suffix in (".json", ".jsonl"):
        from pytest_mmbench.benchmarks.reading import json_records  # noqa: PLC0415

        return json_records.read(paths[0], pictures)
    raise DataError(
        f"{paths[0].name} is in no format that could be read.",
        file=str(paths[0]),
        known=", ".join(FORMATS),
    )


def _from_hub(id: str, pictures: Sequence[str], *, config: str, split: str) -> Table:
    # datasets takes a second to load, which local files need not pay.
    from pytest_mmbench.benchmarks.reading import hub  # noqa: PLC0415

    return hub.read(id, pictures, config=config, split=split)


def _missing(path: Path, data: str) -> DataError:
    around = {each.name for each in path.parent.iterdir()} if path.parent.is_dir() else set()
    return DataError(
        f"there is no file or folder {data}.",
        looked_for=str(path.absolute()),
        did_you_mean=near(path.name, around).get("did_you_mean", ""),
        what_to_do="a relative path starts where mmbench.toml lies",
    )
