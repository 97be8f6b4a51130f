"""Published data, read as their authors published them: files, folders and datasets of the hub.

Fields are read at once and pictures when they are needed, so that collecting tens of thousands of
rows decodes nothing. Errors name file, row and field.

    table = open_table("data/MMStar", pictures=("image",), split="val")
    table.require("question", "answer")
    samples = build_samples(table, sample, id="index").items

    def sample(id: str, row: Row) -> Sample: ...  # row.text("question"), row.picture("image", ...)

Data of many files are opened with `folders.open_files` and read with `text_files.read_json_files`
or `read_line_files`; `video` gives frames of videos.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.readers.folders import missing_error, walk
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import expand
from pytest_mmbench.records import BadRows

FORMATS: Final = (".parquet", ".tsv", ".jsonl", ".json", ".csv")
"""Suffixes of files of data; of a folder, files of the first suffix that it holds are read."""
TABLES: Final = (".tsv", ".csv", ".txt")
"""Suffixes of tables as text; a spreadsheet calls its "Unicode text" `.txt`."""
HUB_ID: Final = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
MAX_SHOWN: Final = 4
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
    allowed: Sequence[Path] = (),
) -> Table:
    """The rows of a file, of all files of a folder, or of a dataset of the hub.

    Args:
        data: a path, or a hub id such as `Lin-Chen/MMStar`.
        pictures: columns that hold pictures, which are read on demand.
        configs: of a dataset of the hub, read in their order; in a folder, its shards' folders.
        split: of a dataset of the hub, or of a folder whose file names tell their splits.
        called: patterns of the file's name, such as `MMMU_DEV*.tsv`; the first that fits wins.
        bad_rows: what becomes of a row that cannot be read, here and in `build_samples`.
        allowed: folders beside the data's own, in which files of pictures may lie.

    Raises:
        DataError: there is no such thing, it is damaged, or it holds no rows.
    """
    path = expand(data)
    if path.is_dir():
        paths = _data_files(path, configs=configs, split=split, called=called)
        table = _read_files(paths, pictures, folder=path, bad_rows=bad_rows, allowed=allowed)
    elif path.is_file():
        table = _read_files(
            [path], pictures, folder=path.parent, bad_rows=bad_rows, allowed=allowed
        )
    elif is_hub_dataset(data):
        # datasets takes a second to load, which local files need not pay.
        from pytest_mmbench.benchmarks.readers import hub  # noqa: PLC0415

        table = hub.read_hub_dataset(data, pictures, configs=configs, split=split)
    else:
        raise missing_error(path, data)
    if not table.rows and not table.bad_row_errors:
        raise DataError(f"{data} holds no rows.", file=data)
    return replace(table, bad_rows=bad_rows)


def is_hub_dataset(data: str) -> bool:
    """Whether `open_table` takes that for a dataset of the hub: no file or folder has the name."""
    path = expand(data)
    is_hub_id = HUB_ID.fullmatch(data) and path.suffix.lower() not in FORMATS
    return bool(is_hub_id) and not path.exists()


def _data_files(
    folder: Path, *, configs: Sequence[str], split: str, called: Sequence[str]
) -> list[Path]:
    named = (path for path in walk(folder) if path.suffix.lower() in FORMATS)
    # A pipe or a device of such a name would never end.
    candidates = [path for path in named if path.is_file()]
    for pattern in called:
        matches = [path for path in candidates if fnmatch.fnmatch(path.name, pattern)]
        if matches:
            return _check_unambiguous(folder, matches, split)
    for suffix in FORMATS:
        paths = [path for path in candidates if path.suffix.lower() == suffix]
        shards = [path for path in paths if split and _split_of(path) == split]
        in_configs = [path for path in shards if path.parent.name in configs]
        if paths:
            return _check_unambiguous(folder, in_configs or shards or paths, split)
    raise DataError(
        f"{folder.name} holds no file that could be read.",
        folder=str(folder),
        known=", ".join(f"*{suffix}" for suffix in FORMATS),
    )


def _check_unambiguous(folder: Path, paths: list[Path], split: str) -> list[Path]:
    is_parquet = all(path.suffix.lower() == ".parquet" for path in paths)
    if len(paths) == 1 or (is_parquet and all(_split_of(path) == split for path in paths)):
        return paths
    names = [str(path.relative_to(folder)) for path in paths]
    more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    raise DataError(
        f"{folder.name} holds {len(names)} files, and it is not clear which is meant.",
        folder=str(folder),
        found=", ".join(names[:MAX_SHOWN]) + more,
        split=split,
        what_to_do="name the file instead of the folder",
    )


def _split_of(path: Path) -> str:
    shard = _SHARD.fullmatch(path.stem)
    return shard["split"] if shard else path.stem


def _read_files(
    paths: Sequence[Path],
    pictures: Sequence[str],
    *,
    folder: Path,
    bad_rows: BadRows,
    allowed: Sequence[Path],
) -> Table:
    # pyarrow takes a tenth of a second to load, which other formats need not pay.
    suffix = paths[0].suffix.lower()
    if suffix == ".parquet":
        from pytest_mmbench.benchmarks.readers import parquet  # noqa: PLC0415

        return parquet.read_parquet(
            paths, pictures, folder=folder, bad_rows=bad_rows, allowed=allowed
        )
    if suffix in TABLES:
        from pytest_mmbench.benchmarks.readers import tsv  # noqa: PLC0415

        return tsv.read_tsv(paths[0], pictures, bad_rows=bad_rows, allowed=allowed)
    if suffix in (".json", ".jsonl"):
        from pytest_mmbench.benchmarks.readers import text_files  # noqa: PLC0415

        return text_files.read_json_file(paths[0], pictures, bad_rows=bad_rows, allowed=allowed)
    raise DataError(
        f"{paths[0].name} is in no format that could be read.",
        file=str(paths[0]),
        known=", ".join(FORMATS),
    )
