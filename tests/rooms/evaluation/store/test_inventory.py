from pathlib import Path

import pytest

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.evaluation.store.sqlite import FILE, Inventory, SqliteStore, inventory
from pytest_mmbench.records import Answer


def test_answers_and_models_are_counted(tmp_path: Path) -> None:
    """While another process has the file open, and without changing it."""
    with SqliteStore(tmp_path) as store:
        store.put("a", {str(at): Answer(sample="s", text="x") for at in range(3)})
        store.put("b", {"0": Answer(sample="s")})
        found = inventory(tmp_path)

    assert (found.answers, found.models, found.damage) == (4, 2, "")
    assert found.bytes > (tmp_path / FILE).stat().st_size > 0


def test_no_store_is_an_empty_one(tmp_path: Path) -> None:
    """It is made by whoever writes to it first, and not by looking."""
    assert inventory(tmp_path / "none") == Inventory(answers=0, models=0, bytes=0, damage="")
    assert not (tmp_path / "none").exists()


def test_an_empty_file_is_an_empty_store(tmp_path: Path) -> None:
    """As the store itself takes it."""
    (tmp_path / FILE).touch()

    assert inventory(tmp_path).answers == 0


def test_damage_inside_is_found(tmp_path: Path) -> None:
    """Pages that were overwritten: SQLite says what it finds."""
    with SqliteStore(tmp_path) as store:
        store.put("a", {f"{at:04d}": Answer(sample="s", text="x" * 200) for at in range(400)})
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[8192:16384] = bytes(8192)
    path.write_bytes(content)

    try:
        damage = inventory(tmp_path).damage
    except MMBenchError as error:
        damage = error.facts["sqlite says"]
    assert damage


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """With what SQLite says of it."""
    (tmp_path / FILE).write_bytes(b"no database at all, and long enough " * 20)

    with pytest.raises(MMBenchError) as caught:
        inventory(tmp_path)
    assert caught.value.facts["sqlite says"] == "file is not a database"
