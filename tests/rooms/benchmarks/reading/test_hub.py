from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mmbench.benchmarks.reading import hub, open_table
from pytest_mmbench.errors import DataError

FEATURES = (
    b'{"info": {"features": {"index": {"dtype": "int64", "_type": "Value"}, '
    b'"image": {"_type": "Image"}}}}'
)


@pytest.fixture
def dataset(published: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A folder as the hub holds one, read by the same call; its cache is thrown away."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    struct = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    images = [{"bytes": published.picture(shade), "path": "x.png"} for shade in range(3)]
    table = pa.table({"index": pa.array(range(3)), "image": pa.array(images, struct)})
    folder = tmp_path / "repository"
    folder.mkdir()
    described = table.replace_schema_metadata({b"huggingface": FEATURES})
    pq.write_table(described, folder / "val-00000-of-00001.parquet")
    datasets.disable_progress_bars()
    yield str(folder)
    datasets.enable_progress_bars()


def test_rows_of_a_split(dataset: str, published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields are read at once; pictures come as encoded bytes, and none is ever decoded."""
    monkeypatch.setattr(datasets.Image, "decode_example", None)

    table = hub.read(dataset, ["image"], config="", split="validation")

    assert [row.integer("index") for row in table.rows] == [0, 1, 2]
    assert table.columns == ("index", "image")
    assert table.rows[2].picture("image", name="p").read() == published.picture(2)


def test_a_split_that_is_not_there(dataset: str) -> None:
    """The error repeats what was asked for."""
    with pytest.raises(DataError) as caught:
        hub.read(dataset, ["image"], config="", split="dev")

    assert caught.value.facts["split"] == "dev"
    assert "dev" in caught.value.facts["reason"]


def test_offline_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network a dataset that is not in the cache is an error that says so."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(DataError) as caught:
        open_table("acme/no-such-dataset", pictures=["image"], split="val")

    assert "cannot be loaded from the hub" in caught.value.problem
    assert "name the folder" in caught.value.facts["what to do"]
