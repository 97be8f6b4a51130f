"""Lines of fields between tabs, without a header and in many files, as MME is published.

Nothing is quoted. Each row also has the fields `file`, the path of its file, and `line`, the
number of its line there, counted from 0 and without those that are blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_mmbench.benchmarks.readers.folders import Files, read_text
from pytest_mmbench.benchmarks.readers.records import Record, table_of
from pytest_mmbench.benchmarks.readers.rows import row_error
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows


def read(
    files: Files,
    pattern: str,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    wanted: Callable[[str], bool] = bool,
    bad_rows: BadRows = BadRows.ERROR,
) -> Table:
    """The lines of all files whose paths end like the pattern, in the order of their paths.

    Args:
        files: a folder or an archive.
        pattern: such as `*/questions_answers_YN/*.txt`.
        columns: names of the fields of a line.
        optional: more of them, which a line may have or not.
        wanted: which of the files are read, by their paths; all of them if it is not said.
        bad_rows: what becomes of a line with more fields or fewer.

    Raises:
        DataError: no file does; or a line is bad, and bad rows are errors.
    """
    names = [name for name in files.names(pattern) if wanted(name)]
    if not names:
        raise DataError(f"{files.name} holds no file {pattern}.")
    every = (*columns, *optional)
    records = (
        record for name in names for record in _records(files, name, every, fewest=len(columns))
    )
    return table_of(files.name, records, files=files, pictures=(), size=0, bad_rows=bad_rows)


def _records(
    files: Files, file: str, columns: Sequence[str], *, fewest: int
) -> Iterator[Record | DataError]:
    try:
        lines = [line for line in read_text(files, file).split("\n") if line.strip()]
    except DataError as error:
        yield error
        return
    for number, line in enumerate(lines):
        fields = line.rstrip("\r").split("\t")
        if "\0" in line:
            yield row_error(file, number, columns[0], f"a line of {file} holds a NUL byte.")
        elif fewest <= len(fields) <= len(columns):
            named = dict(zip(columns, fields, strict=False))
            yield Record(file=file, number=number, fields={**named, "file": file, "line": number})
        else:
            problem = f"a line of {file} has {len(fields)} fields, and {len(columns)} are known."
            yield row_error(file, number, columns[-1], problem, known=", ".join(columns))
