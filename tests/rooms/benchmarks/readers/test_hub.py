from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publishing.pictures import grey
from publishing.tables import STRUCT, STRUCTS, parquet

from pytest_mmbench import files
from pytest_mmbench.benchmarks.readers import hub, open_table
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

    table = hub.read_hub_dataset(dataset, ["image"], configs=(), split="validation")

    assert [row.integer("index") for row in table.rows] == [0, 1, 2]
    assert table.columns == ("index", "image")
    assert table.rows[2].picture("image", name="p").read() == published.picture(2)


def test_pictures_are_known_by_the_cache(dataset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, their times and the row tell one from another, in every run over it."""
    fresh = hub.read_hub_dataset(dataset, ["image"], configs=(), split="validation").rows[0]
    monkeypatch.setattr(files, "SETTLED", 0)
    first, again = (
        [row.picture("image", name="p").identity() for row in table.rows]
        for table in (
            hub.read_hub_dataset(dataset, ["image"], configs=(), split="validation")
            for _ in range(2)
        )
    )

    assert fresh.picture("image", name="p").identity() == ""
    assert first == again
    assert len({*first} - {""}) == 3


CARD = """---
configs:
- config_name: Math
  data_files: [{split: validation, path: Math/validation-*}]
- config_name: Art
  data_files: [{split: validation, path: Art/validation-*}]
---
"""


@pytest.fixture
def configured(dataset: str) -> str:
    """The same with two configurations, as MMMU has thirty; some pictures are missing."""
    folder = Path(dataset)
    (folder / "val-00000-of-00001.parquet").unlink()
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    for shade, config in enumerate(("Math", "Art")):
        rows = [
            {"id": f"{config}_{at}", "image_1": grey(shade + at), "image_2": second, "all": several}
            for at, (second, several) in enumerate([(None, []), (grey(9), [grey(7)] * 8)])
        ]
        kinds = {"image_1": STRUCT, "image_2": STRUCT, "all": STRUCTS}
        path = folder / config / "validation-00000-of-00001.parquet"
        parquet(path, rows, pictures=kinds)
    return dataset


def test_several_configurations_one_after_the_other(configured: str) -> None:
    """Rows keep their pictures and their places, in the order in which they were asked for."""
    pictures = ["image_1", "image_2", "all"]

    table = hub.read_hub_dataset(configured, pictures, configs=("Math", "Art"), split="validation")

    assert [row.text("id") for row in table.rows] == ["Math_0", "Math_1", "Art_0", "Art_1"]
    assert [row.picture("image_1", name="p").read() for row in table.rows] == [
        grey(shade) for shade in (0, 1, 1, 2)
    ]
    assert table.rows[3].source.location(3) == (f"{configured}, Art", 1)


def test_pictures_are_counted(configured: str) -> None:
    """Null is none, and a list is as many as it is long."""
    table = hub.read_hub_dataset(configured, [], configs=("Math", "Art"), split="validation")

    counts = [[row.count(name) for name in ("image_1", "image_2", "all")] for row in table.rows]

    assert counts == [[1, 0, 0], [1, 1, 8]] * 2
    assert table.rows[1].pictures("all", name="p")[7].read() == grey(7)
    assert [*table.rows[0].fields] == ["id"]


def test_a_copy_may_have_one_configuration_only(dataset: str) -> None:
    """Whatever it is called; but a dataset of several has to have the one that is asked for."""
    assert len(hub.read_hub_dataset(dataset, [], configs=("val",), split="validation").rows) == 3


def test_a_configuration_that_is_not_there(configured: str) -> None:
    """The error repeats what was asked for, and what there is."""
    with pytest.raises(DataError) as caught:
        hub.read_hub_dataset(configured, [], configs=("Math", "Arts"), split="validation")

    assert caught.value.facts["configuration"] == "Math, Arts"
    assert "'Art'" in caught.value.facts["reason"]


def test_a_path_on_its_authors_machine(dataset: str) -> None:
    """A dataset that names its pictures and does not hold them is told so."""
    rows = [{"id": "0", "image": {"bytes": None, "path": "/author/1.png"}}]
    path = Path(dataset) / "val-00000-of-00001.parquet"
    parquet(path, rows, pictures={"image": STRUCT})

    row = hub.read_hub_dataset(dataset, ["image"], configs=(), split="validation").rows[0]

    with pytest.raises(DataError, match="image holds no picture") as caught:
        row.picture("image", name="p").read()
    assert "does not hold it" in caught.value.facts["reason"]


def test_a_split_that_is_not_there(dataset: str) -> None:
    """The error repeats what was asked for."""
    with pytest.raises(DataError) as caught:
        hub.read_hub_dataset(dataset, ["image"], configs=(), split="dev")

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
