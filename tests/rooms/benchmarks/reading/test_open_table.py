from typing import Any

import pytest

from pytest_mmbench.benchmarks.reading import open_table
from pytest_mmbench.errors import DataError


def error(data: object, split: str = "val") -> DataError:
    with pytest.raises(DataError) as caught:
        open_table(str(data), pictures=["image"], split=split)
    return caught.value


def test_a_folder_with_one_file(published: Any) -> None:
    """A folder stands for the file in it; other files do not matter."""
    published.tsv("deep/m.tsv", ("index",), ("0",))
    published.text("README.md", "# A card")

    assert open_table(str(published.folder), pictures=[]).name == "m.tsv"


def test_a_folder_with_several_files_of_no_split(published: Any) -> None:
    """It is not guessed which file is meant."""
    published.tsv("a.tsv", ("index",), ("0",))
    published.tsv("b.tsv", ("index",), ("0",))

    told = error(published.folder)

    assert "holds 2 files, and none is called after the split 'val'." in told.problem
    assert told.facts["found"] == "a.tsv, b.tsv"


def test_the_file_of_a_split(published: Any) -> None:
    """A file that is called after the split is the one that is meant."""
    published.tsv("val.tsv", ("index",), ("0",))
    published.tsv("test.tsv", ("index",), ("1",))

    assert open_table(str(published.folder), pictures=[], split="test").name == "test.tsv"


def test_a_path_that_does_not_exist(published: Any) -> None:
    """The nearest name in the same folder is offered."""
    published.tsv("MMStar.tsv", ("index",), ("0",))

    told = error(published.folder / "MMstar.tsv")

    assert told.facts["did you mean"] == "'MMStar.tsv'?"
    assert "starts where mmbench.toml lies" in told.facts["what to do"]


def test_what_cannot_be_read(published: Any) -> None:
    """Other formats, and folders without data, are refused with what could be read."""
    assert error(published.text("m.xlsx", b"PK")).facts["known"] == ".parquet, .tsv, .jsonl, .json"
    assert "holds no file that could be read" in error(published.folder).problem
