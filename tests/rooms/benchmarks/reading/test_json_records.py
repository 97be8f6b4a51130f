from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.reading import open_table
from pytest_mmbench.errors import DataError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", '[{"id": "a", "image": "i/1.png"}, {"id": "b", "image": null}]'),
        ("m.json", '{"questions": [{"id": "a", "image": "i/1.png"}, {"id": "b"}], "kinds": {}}'),
        ("m.json", '{"a": {"image": "i/1.png"}, "b": {}}'),
        ("m.jsonl", '{"id": "a", "image": "i/1.png"}\n\n{"id": "b"}\n'),
    ],
)
def test_the_layouts_in_use(published: Any, name: str, text: str) -> None:
    """A list, an object with a list, an object by id, and lines give the same records."""
    published.text("i/1.png", published.picture(9))
    table = open_table(str(published.text(name, text)), pictures=["image"])

    assert [row.text("id") for row in table.rows] == ["a", "b"]
    assert "image" in table.columns
    assert table.rows[0].picture("image", name="p").read() == published.picture(9)
    with pytest.raises(DataError, match="image holds no picture"):
        table.rows[1].picture("image", name="p").read()


@pytest.mark.parametrize(
    ("text", "told"), [('[{"id": "a"', "m.json is not JSON."), ("[1]", "record 0 of m.json")]
)
def test_what_is_no_record(published: Any, text: str, told: str) -> None:
    """Files that break off, and values that are no records, are refused."""
    path: Path = published.text("m.json", text)

    with pytest.raises(DataError, match=told):
        open_table(str(path), pictures=[])


def test_pictures_in_files_without_a_suffix(published: Any) -> None:
    """SEED-Bench names its pictures without one; a file that is missing is told with its row."""
    published.text("images/12_34", published.picture(4))
    text = '[{"data_id": "12_34"}, {"data_id": "56_78"}]'
    rows = open_table(str(published.text("m.json", text)), pictures=[]).rows
    first, second = (
        row.file(f"images/{row.text('data_id')}", field="data_id", name="p") for row in rows
    )

    assert first.read() == published.picture(4)
    with pytest.raises(DataError, match="data_id holds no picture") as caught:
        second.read()
    assert caught.value.facts["row"] == "1 (counted from 0)"
