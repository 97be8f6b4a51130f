from typing import Any

import pytest
from publishing.tables import parquet

from pytest_mmbench.benchmarks.readers import open_table
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

    assert "holds 2 files, and it is not clear which is meant." in told.problem
    assert told.facts["found"] == "a.tsv, b.tsv"


def test_the_file_of_a_split(published: Any) -> None:
    """A file that is called after the split is the one that is meant."""
    published.tsv("val.tsv", ("index",), ("0",))
    published.tsv("test.tsv", ("index",), ("1",))

    assert open_table(str(published.folder), pictures=[], split="test").name == "test.tsv"


def test_the_file_that_a_benchmark_asks_for(published: Any) -> None:
    """A folder may hold several: the first pattern that fits one says which is meant."""
    for name in ("problems.json", "pid_splits.json", "captions.json"):
        published.text(name, f'{{"{name}": {{}}}}')

    table = open_table(
        str(published.folder), pictures=[], called=("problem_list.json", "prob*.json")
    )

    assert table.name == "problems.json"
    told = error(published.folder)
    assert told.facts["found"] == "captions.json, pid_splits.json, problems.json"


def test_two_files_of_one_split(published: Any) -> None:
    """Only parquet is published in shards: of other files, neither is left out in silence."""
    published.tsv("en/dev.tsv", ("index",), ("0",))
    published.tsv("cn/dev.tsv", ("index",), ("0",))

    assert "not clear which is meant" in error(published.folder, "dev").problem


def test_the_folder_of_a_configuration(published: Any) -> None:
    """A clone of a dataset has a folder for each; without being told, all shards are read."""
    for config in ("ScienceQA-FULL", "ScienceQA-IMG"):
        path = published.folder / config / "test-00000-of-00001-abc.parquet"
        parquet(path, [{"id": config}], pictures={})
    folder = str(published.folder)

    one = open_table(folder, pictures=[], configs=("ScienceQA-IMG",), split="test")
    both = open_table(folder, pictures=[], split="test")

    assert [row.text("id") for row in one.rows] == ["ScienceQA-IMG"]
    assert [row.text("id") for row in both.rows] == ["ScienceQA-FULL", "ScienceQA-IMG"]


def test_mmmu_is_thirty_folders_of_shards(published: Any) -> None:
    """Subjects come in the order of their names, and a row knows its own."""
    for subject in ("Math", "Art_Theory"):
        for split in ("dev", "validation", "test"):
            for shard in range(2):
                path = published.folder / subject / f"{split}-{shard:05}-of-00002.parquet"
                parquet(path, [{"id": f"{split}_{subject}_{shard}"}], pictures={})

    table = open_table(str(published.folder), pictures=[], split="validation")

    assert [row.text("id") for row in table.rows] == [
        f"validation_{subject}_{shard}" for subject in ("Art_Theory", "Math") for shard in range(2)
    ]
    assert table.rows[3].source.location(3) == ("Math/validation-00001-of-00002.parquet", 0)


def test_what_is_hidden_is_not_read(published: Any) -> None:
    """Downloads leave folders of their own beside the data."""
    published.tsv("m.tsv", ("index",), ("0",))
    published.text(".cache/other.tsv", "index\n1\n")

    assert open_table(str(published.folder), pictures=[]).name == "m.tsv"


def test_a_path_that_does_not_exist(published: Any) -> None:
    """The nearest name in the same folder is offered."""
    published.tsv("MMStar.tsv", ("index",), ("0",))

    told = error(published.folder / "MMstar.tsv")

    assert told.facts["did you mean"] == "'MMStar.tsv'?"
    assert "starts where mmbench.toml lies" in told.facts["what to do"]


def test_what_cannot_be_read(published: Any) -> None:
    """Other formats, and folders without data, are refused with what could be read."""
    known = ".parquet, .tsv, .jsonl, .json, .csv"
    assert error(published.text("m.xlsx", b"PK")).facts["known"] == known
    assert "holds no file that could be read" in error(published.folder).problem
