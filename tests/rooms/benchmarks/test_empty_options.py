"""What every benchmark with options makes of one that is empty, whichever way a file says so."""

import base64
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publishing.pictures import grey

from pytest_mmbench import registry
from pytest_mmbench.errors import DataError, MMBenchWarning
from pytest_mmbench.protocols import Benchmark

PICTURE: Final = base64.b64encode(grey(1)).decode()
ROWS: Final[Mapping[str, Mapping[str, object]]] = {
    "mmstar": {"index": 0, "category": "math", "l2_category": "geometry"},
    "mmbench": {"index": 0, "category": "ocr"},
    "mmmu": {"id": "validation_Math_1"},
    "ai2d": {"index": 0},
    "scienceqa": {"index": 0, "subject": "natural science", "grade": "grade3"},
    "seed-bench": {"index": 0, "category": "Spatial Relation"},
}
"""What a row of each needs beside the question, its answer, its options and the picture."""
EMPTY: Final = {"empty": "", "blank": " ", "nan": "nan", "none": None, "float": math.nan}
LISTED: Final = {
    "mmmu": "options",
    "ai2d": "options",
    "scienceqa": "choices",
    "mmbench": "options",
}
"""Where options may be one list."""


def load(name: str, path: Path, **options: str) -> Benchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return registry.benchmark(name, {"data": str(path), **options})


def row_of(name: str, options: Mapping[str, object], answer: str) -> dict[str, object]:
    question = {"question": "Which?", "answer": answer, "image": PICTURE}
    return {**ROWS[name], **question, **options}


def write(folder: Path, suffix: str, row: Mapping[str, object]) -> Path:
    path = folder / f"data{suffix}"
    if suffix == ".tsv":
        cells = ("" if cell is None else str(cell) for cell in row.values())
        path.write_text("\t".join(row) + "\n" + "\t".join(cells) + "\n", encoding="utf-8")
    elif suffix == ".parquet":
        pq.write_table(pa.table({name: [cell] for name, cell in row.items()}), path)
    else:
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def columns(texts: Sequence[object]) -> dict[str, object]:
    return dict(zip("ABCD", texts, strict=True))


@pytest.mark.parametrize("suffix", [".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("nothing", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("name", ROWS)
def test_an_empty_option_before_another_is_refused(
    tmp_path: Path, name: str, nothing: object, suffix: str
) -> None:
    """Left out, it would give each option behind it the letter of its neighbour."""
    path = write(tmp_path, suffix, row_of(name, columns(["one", nothing, "three", "four"]), "C"))

    with pytest.raises(DataError, match=r"^mmbench: B is empty") as caught:
        load(name, path)

    assert caught.value.facts["file"] == path.name
    assert caught.value.facts["row"] == "0 (counted from 0)"
    assert caught.value.facts["field"] == "B"


@pytest.mark.parametrize("suffix", [".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("nothing", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("name", ROWS)
def test_an_empty_option_cannot_be_the_right_one(
    tmp_path: Path, name: str, nothing: object, suffix: str
) -> None:
    """Also where it is the last, and the others could be shown without it."""
    path = write(tmp_path, suffix, row_of(name, columns(["one", "two", "three", nothing]), "D"))

    with pytest.raises(DataError):
        load(name, path)


@pytest.mark.parametrize("nothing", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("name", [name for name in ROWS if name != "seed-bench"])
def test_empty_options_at_the_end_are_left_out(tmp_path: Path, name: str, nothing: object) -> None:
    """Questions with fewer options than columns are published so; each option keeps its letter."""
    row = row_of(name, columns(["one", "two", nothing, nothing]), "B")

    benchmark = load(name, write(tmp_path, ".jsonl", row))

    (id,) = (id for leaf in benchmark.dimensions()[0].leaves for id in benchmark.ids(leaf))
    sample = benchmark.sample(id)
    assert sample.options == ("one", "two")
    text = str(benchmark.request(sample, benchmark.methods()[0]).prompt.turns[0].parts[-1])
    assert "one" in text
    assert "two" in text


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("nothing", ["", " ", None])
@pytest.mark.parametrize(("name", "field"), LISTED.items())
def test_a_list_with_an_empty_entry_before_others_is_refused(
    tmp_path: Path, name: str, field: str, nothing: object, *, written: bool
) -> None:
    """A list of options is read as columns are, also one that is written as text."""
    options: object = ["one", nothing, "three"]
    row = row_of(name, {field: str(options) if written else options}, "C")

    with pytest.raises(DataError, match="are no options"):
        load(name, write(tmp_path, ".jsonl", row))


@pytest.mark.parametrize("name", ["mmstar", "mmmu"])
def test_columns_that_are_all_empty_are_no_open_question(tmp_path: Path, name: str) -> None:
    """A right letter without any option is a question that lost them."""
    row = row_of(name, columns(["", "nan", " ", ""]), "B")

    with pytest.raises(DataError, match="all options"):
        load(name, write(tmp_path, ".tsv", row))


def test_such_rows_can_be_left_out(tmp_path: Path) -> None:
    """With `bad-rows = "skip"` they are counted, as every bad row is."""
    good = row_of("mmstar", columns(["one", "two", "three", "four"]), "A")
    bad = row_of("mmstar", columns(["one", "", "three", "four"]), "A") | {"index": 1}
    path = tmp_path / "data.jsonl"
    path.write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n", encoding="utf-8")

    with pytest.warns(MMBenchWarning) as caught:
        benchmark: Any = registry.benchmark("mmstar", {"data": str(path), "bad-rows": "skip"})

    assert list(benchmark.samples) == ["0"]
    assert "1 of 2 rows of data.jsonl cannot be used" in str(caught[0].message)
