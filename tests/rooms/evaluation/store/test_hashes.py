"""Hashes of pictures beside the answers, by identity."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.evaluation.store.memory import MemoryStore
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.protocols import Store
from pytest_mmbench.records import Answer


@pytest.fixture(params=["sqlite", "memory"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with SqliteStore(tmp_path / ".mmbench") as opened:
        yield opened


def test_what_was_remembered_is_recalled(either: Store) -> None:
    """Hashes come back by identity; what is not known is left out, and the last one counts."""
    either.put_picture_hashes({"a": b"\x00first", "b": b"other"})
    either.put_picture_hashes({"a": b"\xff\x00second"})

    assert either.get_picture_hashes(["a", "b", "c"]) == {"a": b"\xff\x00second", "b": b"other"}


def test_hashes_are_there_for_the_next_run(tmp_path: Path) -> None:
    """Also for one to which all answers count as absent, and for a process beside it."""
    with SqliteStore(tmp_path) as first, SqliteStore(tmp_path, since=1e12) as later:
        first.put_picture_hashes({"a": b"1"})
        first.put("model", {"d": Answer(sample="1")})

        assert later.get_picture_hashes(["a"]) == {"a": b"1"}
        assert later.get("model", ["d"]) == {}
    with SqliteStore(tmp_path) as second:
        assert second.get_picture_hashes(["a"]) == {"a": b"1"}


def test_looking_makes_no_file(tmp_path: Path) -> None:
    """Neither does remembering nothing."""
    with SqliteStore(tmp_path / ".mmbench") as store:
        store.put_picture_hashes({})

        assert store.get_picture_hashes(["a"]) == {}
        assert store.get_picture_hashes([]) == {}
    assert not (tmp_path / ".mmbench").exists()


@settings(max_examples=25)
@given(st.sets(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_is_an_identity(identities: set[str]) -> None:
    """Quotes and whatever else a path may hold come back as they were; NUL at worst not at all."""
    every = {each: each.encode() for each in identities}
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder)) as store:
        store.put_picture_hashes(every)
        found = store.get_picture_hashes(sorted(identities))

    assert found.items() <= every.items()
    assert {each for each in identities if "\0" not in each} <= found.keys()


def test_many_are_recalled_at_once(either: Store) -> None:
    """More than one query may ask for."""
    every = {f"picture {at}": str(at).encode() for at in range(2_500)}
    either.put_picture_hashes(every)

    assert either.get_picture_hashes([*every, "another"]) == every


def test_a_file_from_before_there_were_hashes_is_completed(tmp_path: Path) -> None:
    """Its answers stay."""
    with SqliteStore(tmp_path) as store:
        store.put("model", {"d": Answer(sample="1", text="A")})
        file = store.file
    connection = sqlite3.connect(file)
    connection.execute("DROP TABLE pictures")
    connection.close()

    with SqliteStore(tmp_path) as store:
        assert store.get_picture_hashes(["a"]) == {}
        store.put_picture_hashes({"a": b"1"})
        assert store.get_picture_hashes(["a"]) == {"a": b"1"}
        assert store.get("model", ["d"])["d"].text == "A"


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    """As it is when answers are looked for."""
    (tmp_path / "answers.sqlite").write_bytes(b"no database at all" * 1000)

    with SqliteStore(tmp_path) as store, pytest.raises(MMBenchError, match="is not an SQLite file"):
        store.get_picture_hashes(["a"])
