"""Published data, read as their authors published them: files, folders and datasets of the hub.

Fields are read at once and pictures when they are asked for, so that collecting tens of thousands
of rows decodes nothing. Which library opens what is decided here, and loaded here:

    table = open_table("data/MMStar", pictures=("image",), split="val")
    table.require("question", "answer")
    samples = gather(table, sample, id="index").items

    def sample(id: str, row: Row) -> Sample: ...  # row.text("question"), row.picture("image", ...)

What is published as many files is opened with `open_files` (a folder or a zip archive) and read
with `json_records.read_many` or `lines.read`; frames of videos come from `clips`.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.readers.folders import missing, walk
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import expand
from pytest_mmbench.records import BadRows

FORMATS: Final = (".parquet", ".tsv", ".jsonl", ".json")
"""What a folder is searched for; the first of these that it holds is read."""


HUB_ID: Final = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


SHOWN: Final = 4
"""Files that an error names."""


_SHARD: Final = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}(?:-\w+)?")
"""How the hub names the files of a split: `validation-00000-of-00003.parquet`."""


def open_table(
    data: str,
    *,
    pictures: Sequence[str],
    configs: Sequence[str] = (),
    split: str = "",
    called: Sequence[str] = (),
    bad_rows: BadRows = BadRows.ERROR,
) -> Table:
    """The rows of a file, of all files of a folder, or of a dataset of the hub.

    Args:
        data: a path, or a hub id such as `Lin-Chen/MMStar`.
        pictures: columns that hold pictures and are read only when asked for.
        configs: of a dataset of the hub: its configurations, read one after the other. In a folder
            they are the folders of its shards.
        split: of a dataset of the hub, or of a folder whose file names tell their splits.
        called: what the file of a benchmark is called, such as `problems.json` or `MMMU_DEV*.tsv`,
            for folders that hold several; the first pattern that fits wins.
        bad_rows: what becomes of a row that cannot be read, here and in `gather`.

    Raises:
        DataError: there is no such thing, it is damaged, or it holds no rows.
    """
    path = expand(data)
    if path.is_dir():
        chosen = _chosen(path, configs=configs, split=split, called=called)
        table = _from_files(chosen, pictures, folder=path, bad_rows=bad_rows)
    elif path.is_file():
        table = _from_files([path], pictures, folder=path.parent, bad_rows=bad_rows)
    elif on_the_hub(data):
        table = _from_hub(data, pictures, configs=configs, split=split)
    else:
        raise missing(path, data)
    if not table.rows and not table.bad_row_errors:
        raise DataError(f"{data} holds no rows.", file=data)
    return replace(table, bad_rows=bad_rows)


def _chosen(
    folder: Path, *, configs: Sequence[str], split: str, called: Sequence[str]
) -> list[Path]:
    """The files of a folder that belong together: one format, one split."""
    every = [path for path in walk(folder) if path.suffix.lower() in FORMATS]
    for pattern in called:
        found = [path for path in every if fnmatch.fnmatch(path.name, pattern)]
        if found:
            return _one_or_shards(folder, found, split)
    for suffix in FORMATS:
        found = [path for path in every if path.suffix.lower() == suffix]
        shards = [path for path in found if _split(path) == split] if split else []
        configured = [path for path in shards if path.parent.name in configs]
        if found:
            return _one_or_shards(folder, configured or shards or found, split)
    raise DataError(
        f"{folder.name} holds no file that could be read.",
        folder=str(folder),
        known=", ".join(f"*{suffix}" for suffix in FORMATS),
    )


def _one_or_shards(folder: Path, found: list[Path], split: str) -> list[Path]:
    shards = all(path.suffix.lower() == ".parquet" and _split(path) == split for path in found)
    if len(found) == 1 or shards:
        return found
    names = [str(path.relative_to(folder)) for path in found]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    raise DataError(
        f"{folder.name} holds {len(names)} files, and it is not clear which is meant.",
        folder=str(folder),
        found=", ".join(names[:SHOWN]) + more,
        split=split,
        what_to_do="name the file instead of the folder",
    )


def _split(path: Path) -> str:
    shard = _SHARD.fullmatch(path.stem)
    return shard["split"] if shard else path.stem


def _from_files(
    paths: Sequence[Path], pictures: Sequence[str], *, folder: Path, bad_rows: BadRows
) -> Table:
    # pyarrow takes a tenth of a second to load, which other formats need not pay.
    suffix = paths[0].suffix.lower()
    if suffix == ".parquet":
        from pytest_mmbench.benchmarks.readers import parquet  # noqa: PLC0415

        return parquet.read(paths, pictures, folder=folder)
    if suffix == ".tsv":
        from pytest_mmbench.benchmarks.readers import tsv  # noqa: PLC0415

        return tsv.read(paths[0], pictures, bad_rows=bad_rows)
    if suffix in (".json", ".jsonl"):
        from pytest_mmbench.benchmarks.readers import json_files  # noqa: PLC0415

        return json_files.read(paths[0], pictures, bad_rows=bad_rows)
    raise DataError(
        f"{paths[0].name} is in no format that could be read.",
        file=str(paths[0]),
        known=", ".join(FORMATS),
    )


def on_the_hub(data: str) -> bool:
    """Whether `open_table` takes that for a dataset of the hub: it is nothing that lies here."""
    path = expand(data)
    named = HUB_ID.fullmatch(data) and path.suffix.lower() not in FORMATS
    return bool(named) and not path.exists()


def _from_hub(id: str, pictures: Sequence[str], *, configs: Sequence[str], split: str) -> Table:
    # datasets takes a second to load, which local files need not pay.
    from pytest_mmbench.benchmarks.readers import hub  # noqa: PLC0415

    return hub.read(id, pictures, configs=configs, split=split)
