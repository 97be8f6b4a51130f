"""Published files made hostile: wrong bytes anywhere, and values that nobody publishes."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

DEEP: Final = "[" * 3000 + "]" * 3000
NESTED_OBJECT: Final = '{"a":' * 3000 + "1" + "}" * 3000
CELLS: Final = (
    "",
    " ",
    "nan",
    "[{[]:1}]",
    "['a', {}['b']]",
    "[" * 80 + "]" * 80,
    DEEP,
    NESTED_OBJECT,
    "[" + "-" * 30000 + "1]",
    "[" + "1+" * 9000 + "1]",
    "9" * 5000,
    f"[{'9' * 5000}]",
    f"[0x{'f' * 5000}]",
    "[None, 'a', float]",
    "['a', 'a']",
    "['', 'b']",
    "x" * 100_000,
    "../" * 30 + "etc/passwd.png",
    "/dev/zero",
    "/dev/zero.png",
    "a\u2028b\u202e\x1b[31m",
    "1\n::error::x",
    "\u0661",
    "\u00b2",
    "-1",
    "1e400",
    "17.0.0",
    "A",
    "(A)",
)
"""What a cell of text may hold."""
VALUES: Final[tuple[Any, ...]] = (
    *CELLS,
    "\ud800",
    "a\udfffb",
    None,
    True,
    -1,
    0,
    1.5,
    float("nan"),
    float("inf"),
    10**4000,
    [],
    [None, None],
    ["a", None, "c"],
    ["\ud800"],
    [[]],
    [{}],
    {},
    {"a": {"b": ["\ud800"]}},
    {"bytes": "x", "path": 5},
    {"bytes": None, "path": "../../x.png"},
    {"\udc00": 1},
    [[[[[[[[[[1]]]]]]]]]],
)
"""What a field of JSON may hold."""


def nested(depth: int) -> Any:
    """Lists within each other."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def wrong_bytes(content: bytes, chance: random.Random) -> bytes:
    """The same bytes with a bit, a block or an end that is not theirs."""
    data = bytearray(content)
    at = chance.randrange(len(data)) if data else 0
    match chance.randrange(6):
        case 0:
            for _ in range(chance.randint(1, 20)):
                place = chance.randrange(len(data)) if data else 0
                data[place : place + 1] = bytes([chance.randrange(256)])
        case 1:
            del data[at:]
        case 2:
            del data[at : at + chance.randint(1, 300)]
        case 3:
            data[at:at] = chance.randbytes(chance.randint(1, 300))
        case 4:
            data[at:at] = data[at : at + 500]
        case _:
            # Lengths and offsets of binary formats stand near their ends.
            place = max(0, len(data) - 1 - chance.randrange(300)) if data else 0
            data[place : place + 1] = bytes([chance.randrange(256)])
    return bytes(data)


def wrong_value(path: Path, chance: random.Random) -> None:
    """The same file with one field that holds something else; its bytes, where it has no fields."""
    match path.suffix:
        case ".json" | ".jsonl":
            _wrong_json(path, chance)
        case ".tsv" | ".csv":
            _wrong_cell(path, chance)
        case ".parquet":
            _wrong_column(path, chance)
        case _:
            path.write_bytes(wrong_bytes(path.read_bytes(), chance))


def _wrong_json(path: Path, chance: random.Random) -> None:
    lines = path.read_text(encoding="utf-8").split("\n") if path.suffix == ".jsonl" else []
    content = [json.loads(line) for line in lines if line] or json.loads(path.read_text("utf-8"))
    value = chance.choice([*VALUES, nested(70), nested(500)])
    places = list(_places(content))
    holder, key = chance.choice(places)
    holder[key] = value
    encoded = (
        "\n".join(map(json.dumps, content)) if path.suffix == ".jsonl" else json.dumps(content)
    )
    if chance.random() < 0.1:
        encoded = encoded.replace("null", chance.choice([DEEP, NESTED_OBJECT, "9" * 5000]), 1)
    path.write_text(encoded, encoding="utf-8")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _wrong_cell(path: Path, chance: random.Random) -> None:
    lines = path.read_bytes().split(b"\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(b"\t")
    cells[chance.randrange(len(cells))] = chance.choice(CELLS).replace("\n", " ").encode()
    lines[at] = b"\t".join(cells)
    path.write_bytes(b"\n".join(lines))


def _wrong_column(path: Path, chance: random.Random) -> None:
    """Another value in one row of a column, as far as its type can hold it; else other text."""
    table = pq.read_table(path)
    column = chance.randrange(table.num_columns)
    values = table.column(column).to_pylist()
    if not values:
        return
    values[chance.randrange(len(values))] = chance.choice(VALUES)
    for made in (values, [None if value is None else ascii(value) for value in values]):
        try:
            changed = table.set_column(column, table.column_names[column], pa.array(made))
            pq.write_table(changed, path)
        except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError):
            continue
        return


Wrong = Callable[[Path, random.Random], None]


def made_hostile(place: Path, copy: Path, chance: random.Random) -> Path:
    """A copy of a file or a folder, of which one file is hostile; gives the copy's path."""
    if place.is_dir():
        shutil.copytree(place, copy, dirs_exist_ok=True)
    else:
        copy.mkdir(exist_ok=True)
        shutil.copy(place, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    path = chance.choice(files)
    if chance.random() < 0.5:
        path.write_bytes(wrong_bytes(path.read_bytes(), chance))
    else:
        wrong_value(path, chance)
    return copy if place.is_dir() else copy / place.name
