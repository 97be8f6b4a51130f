"""Run as a program, this file is a process that keeps batches until it is killed."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from pytest_mmbench.errors import MMBenchError, MMBenchWarning
from pytest_mmbench.evaluation.store import sqlite
from pytest_mmbench.evaluation.store.folder import FileLocks
from pytest_mmbench.evaluation.store.sqlite import FILE, Inventory, SqliteStore, inventory
from pytest_mmbench.protocols import Store
from pytest_mmbench.records import MOST_TOKENS, Answer, OptionLogprob

BATCH = 50


def batch(number: int) -> dict[str, Answer]:
    return {f"{number}-{at}": Answer(sample=str(at), text="A" * 200) for at in range(BATCH)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / ".mmbench") as opened:
        yield opened


@pytest.fixture(params=["sqlite", "memory"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with SqliteStore(tmp_path / ".mmbench") as opened:
        yield opened


def test_what_was_put_is_got(either: Store) -> None:
    """Answers come back under their digest; what is not known is left out."""
    answer = Answer(
        sample="0001", text="B", option_logprobs=(OptionLogprob(logprob=-0.1, tokens=2),)
    )
    either.put("model", {"d1": answer})

    assert either.get("model", ["d0", "d1", "d2"]) == {"d1": answer}


def test_whether_a_text_was_cut_is_kept(either: Store) -> None:
    """An answer that the limit of tokens has cut comes back as such."""
    answers = {d: Answer(sample=d, text="B", cut_short=d == "cut") for d in ("cut", "whole")}
    either.put("model", answers)

    assert either.get("model", ["cut", "whole"]) == answers


def test_rows_of_earlier_versions_were_not_cut_as_far_as_is_known(store: SqliteStore) -> None:
    """They do not say, and are read as they always were."""
    store.put("model", {"d1": Answer(sample="0001", text="B", cut_short=True)})
    store.close()
    with contextlib.closing(sqlite3.connect(store.file)) as file, file:
        old = '{"sample":"0001","text":"B","likelihoods":[]}'
        file.execute("UPDATE answers SET answer = ?", (old,))

    assert store.get("model", ["d1"]) == {"d1": Answer(sample="0001", text="B")}


def test_each_model_has_its_own_answers(either: Store) -> None:
    """An answer of one model is never given for another."""
    either.put("one", {"d1": Answer(sample="0001", text="A")})
    either.put("other", {"d1": Answer(sample="0001", text="B")})

    assert either.get("one", ["d1"])["d1"].text == "A"
    assert either.get("other", ["d1"])["d1"].text == "B"
    assert either.get("third", ["d1"]) == {}


def test_a_later_answer_replaces_an_earlier_one(either: Store) -> None:
    """A request that was asked afresh has its new answer."""
    either.put("model", {"d1": Answer(sample="0001", text="A")})
    either.put("model", {"d1": Answer(sample="0001", text="B")})

    assert either.get("model", ["d1"])["d1"].text == "B"


def test_more_digests_than_a_query_takes(either: Store) -> None:
    """Thousands of digests are looked up at once."""
    answers = {f"d{at}": Answer(sample=str(at), text="A") for at in range(2500)}
    either.put("model", answers)

    assert either.get("model", [*answers, "unknown"]) == answers
    assert either.get("model", []) == {}


answers = st.builds(
    Answer,
    sample=st.text(st.characters(exclude_categories=["Cs"])),
    text=st.text(st.characters(exclude_categories=["Cs"])),
    option_logprobs=st.lists(
        st.builds(
            OptionLogprob,
            logprob=st.floats(allow_nan=False, allow_infinity=False),
            tokens=st.integers(1, MOST_TOKENS),
        )
    ).map(tuple),
)


@settings(max_examples=50)  # each opens a file twice
@given(answer=answers)
def test_answers_survive_exactly(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Texts and floats come out of the file as they went in, to the last bit."""
    folder = tmp_path_factory.getbasetemp() / "exactly"
    with SqliteStore(folder) as first:
        first.put("model", {"d1": answer})
    with SqliteStore(folder) as second:
        again = second.get("model", ["d1"])["d1"]

    assert again == answer
    assert [each.logprob.hex() for each in again.option_logprobs] == [
        each.logprob.hex() for each in answer.option_logprobs
    ]


def test_looking_makes_no_file(store: SqliteStore) -> None:
    """The folder appears with the first answer, and git is told to ignore it."""
    assert store.get("model", ["d1"]) == {}
    store.put("model", {})
    assert not store.folder.exists()

    store.put("model", batch(0))

    assert store.file.exists()
    assert (store.folder / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_is_left_as_it_is(tmp_path: Path) -> None:
    """Only a folder that the store makes itself is hidden from git."""
    with SqliteStore(tmp_path) as store:
        store.put("model", batch(0))

    assert not (tmp_path / ".gitignore").exists()


def test_older_answers_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`since` hides what was kept before, and shows it again once it was put anew."""
    folder = tmp_path / ".mmbench"
    with SqliteStore(folder) as before:
        monkeypatch.setattr("time.time", lambda: 100.0)
        before.put("model", batch(0) | batch(1))
    with SqliteStore(folder, since=200.0) as afresh:
        assert afresh.get("model", list(batch(0) | batch(1))) == {}
        monkeypatch.setattr("time.time", lambda: 201.0)
        afresh.put("model", batch(1))

        assert afresh.get("model", list(batch(0) | batch(1))) == batch(1)


@pytest.mark.parametrize("loss", ["file", "folder", "another file", "another folder"])
def test_a_store_that_is_removed_is_written_again(tmp_path: Path, loss: str) -> None:
    """Answers that were paid for are there after the run, and somebody is told."""
    folder, other = tmp_path / ".mmbench", tmp_path / "other"
    with SqliteStore(other) as made:
        made.put("model", batch(2))
    store = SqliteStore(folder)
    store.put("model", batch(0))
    if loss.endswith("folder"):
        shutil.rmtree(folder)
    else:
        for path in folder.glob("answers.sqlite*"):
            path.unlink()
    if loss == "another folder":
        other.rename(folder)
    elif loss == "another file":
        (other / FILE).rename(folder / FILE)

    with pytest.warns(MMBenchWarning, match="its 50 answers were written again"):
        store.put("model", batch(1))
    store.close()

    kept = batch(0) | batch(1) | (batch(2) if loss.startswith("another") else {})
    with SqliteStore(folder) as again:
        assert again.get("model", list(kept)) == kept


def test_a_store_that_is_removed_at_the_end_is_written_again(tmp_path: Path) -> None:
    """Also where nothing was to be kept any more."""
    store = SqliteStore(tmp_path / ".mmbench")
    store.put("model", batch(0))
    shutil.rmtree(store.folder)

    with pytest.warns(MMBenchWarning, match="was removed or replaced"):
        store.close()

    with SqliteStore(store.folder) as again:
        assert again.get("model", list(batch(0))) == batch(0)


def test_a_store_that_cannot_be_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever needs no new answer may use it; nothing is written beside the file."""
    with SqliteStore(tmp_path) as store:
        store.put("model", batch(0))
        store.put_picture_hashes({"p": b"hash"})
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.setattr("os.access", lambda *_: False)

    with SqliteStore(tmp_path) as read_only:
        assert read_only.get("model", list(batch(0))) == batch(0)
        assert read_only.get_picture_hashes(["p"]) == {"p": b"hash"}
        with pytest.raises(MMBenchError, match="cannot be written"):
            read_only.put("model", batch(1))

    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_several_hold_the_file_at_once(store: SqliteStore) -> None:
    """What one connection keeps, another that was open before sees."""
    with SqliteStore(store.folder) as other:
        other.put("model", batch(0))
        store.put("model", batch(1))

        assert other.get("model", list(batch(1))) == batch(1)
        assert store.get("model", list(batch(0))) == batch(0)


def test_a_file_that_another_makes_meanwhile_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is empty when it is opened, and has its table a moment later, is accepted."""
    folder = tmp_path / ".mmbench"
    folder.mkdir()
    (folder / "answers.sqlite").touch()
    read, rivals = sqlite._select_number, [SqliteStore(folder, patience=0.0)]

    def read_while_a_rival_writes(connection: sqlite3.Connection, query: str) -> int:
        found = read(connection, query)
        while rivals:
            with contextlib.suppress(MMBenchError), rivals.pop() as rival:
                rival.put("model", batch(0))
        return found

    monkeypatch.setattr(sqlite, "_select_number", read_while_a_rival_writes)
    with SqliteStore(folder) as late:
        late.put("model", batch(1))

        assert late.get("model", list(batch(1))) == batch(1)
    assert rivals == []


def program(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, str(folder), *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.slow  # four interpreters start
def test_processes_write_side_by_side(tmp_path: Path) -> None:
    """Four processes that make the file at the same moment lose nothing of each other's."""
    folder = tmp_path / ".mmbench"
    numbers = {which: range(which * 10, which * 10 + 10) for which in range(4)}
    processes = [program(folder, *map(str, numbers[which])) for which in numbers]
    finished = [each.communicate()[0].split() for each in processes]

    assert [each.returncode for each in processes] == [0] * 4
    assert finished == [list(map(str, each)) for each in numbers.values()]
    with SqliteStore(folder) as store:
        for number in range(40):
            assert store.get("model", list(batch(number))) == batch(number)


@pytest.mark.parametrize("after", [1, 7, 30])
def test_a_killed_process_loses_the_batch_in_flight_at_most(tmp_path: Path, after: int) -> None:
    """Every batch that `put` returned from is whole; the next is whole or absent."""
    folder = tmp_path / ".mmbench"
    with program(folder, "endless") as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        finished = after + len(process.stdout.read().splitlines())
    with SqliteStore(folder) as store:
        for number in range(finished):
            assert store.get("model", list(batch(number))) == batch(number)
        assert store.get("model", list(batch(finished))) in ({}, batch(finished))
        store.put("model", {"more": Answer(sample="1")})
        assert store.get("model", list(batch(finished + 1))) == {}


def test_a_file_that_is_none_of_ours_is_refused(store: SqliteStore) -> None:
    """Somebody else's SQLite file is named and left as it was."""
    store.folder.mkdir()
    connection = sqlite3.connect(store.file)
    connection.execute("CREATE TABLE recipes (title TEXT)")
    connection.close()
    before = store.file.read_bytes()

    with pytest.raises(MMBenchError) as caught:
        store.put("model", batch(0))

    assert str(caught.value) == (
        f"mmbench: {store.file} is an SQLite file, but not a store of answers.\n"
        "  what to do   name another folder for the store"
    )
    assert store.file.read_bytes() == before


def test_a_store_of_a_later_version_is_refused(store: SqliteStore) -> None:
    """A file that a later version has written is not guessed at."""
    store.put("model", batch(0))
    store.close()
    connection = sqlite3.connect(store.file)
    connection.execute("PRAGMA user_version = 7")
    connection.close()

    with pytest.raises(MMBenchError) as caught:
        store.get("model", ["d1"])

    assert str(caught.value) == (
        f"mmbench: the store of answers {store.file} was written by a later pytest-mmbench.\n"
        "  its version   7\n"
        "  known         1\n"
        "  what to do    upgrade pytest-mmbench, or name another folder for the store"
    )


def test_a_file_that_is_no_database_is_refused(store: SqliteStore) -> None:
    """A file of other content is named, and kept."""
    store.folder.mkdir()
    store.file.write_text("not a database, but long enough to be taken for one " * 100)

    with pytest.raises(MMBenchError) as caught:
        store.get("model", ["d1"])

    assert str(caught.value) == (
        f"mmbench: the store of answers {store.file} is not an SQLite file.\n"
        "  sqlite says   file is not a database\n"
        "  what to do    move it away; its answers are then asked again"
    )
    assert store.file.exists()


def test_a_damaged_file_is_told(store: SqliteStore) -> None:
    """A file whose pages are overwritten raises our error and not SQLite's."""
    for number in range(20):
        store.put("model", batch(number))
    store.close()
    content = bytearray(store.file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.file.write_bytes(content)

    with pytest.raises(MMBenchError, match="is damaged") as caught:
        store.get("model", list(batch(3)))

    assert caught.value.facts["what to do"].startswith("move it away")


def test_a_file_that_cannot_be_locked_is_not_to_be_moved_away(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answers are fine; on a network file system there is nothing to lock by."""
    store.put("model", batch(0))
    store.close()

    def refused(*_: object, **__: object) -> sqlite3.Connection:
        error = sqlite3.OperationalError("locking protocol")
        error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
        raise error

    monkeypatch.setattr(sqlite3, "connect", refused)
    for look in (lambda: store.get("model", ["d1"]), lambda: inventory(store.folder)):
        with pytest.raises(MMBenchError, match="cannot be locked") as caught:
            look()

        assert caught.value.facts["sqlite says"] == "locking protocol"
        assert "a disk of this machine" in caught.value.facts["what to do"]


@pytest.mark.parametrize(
    "row",
    [
        '{"sample": 1}',
        *(
            f'{{"sample": "1", "likelihoods": [{{"log": -1, "tokens": {tokens}}}]}}'
            for tokens in (-1, 0, MOST_TOKENS + 1, 99999999999999999999, 1.5)
        ),
    ],
)
def test_a_row_that_is_no_answer_is_told(store: SqliteStore, row: str) -> None:
    """A row that somebody has edited by hand is not taken for an absent one."""
    store.put("model", {"d1": Answer(sample="0001")})
    store.close()
    connection = sqlite3.connect(store.file)
    connection.execute("UPDATE answers SET answer = ?", (row,))
    connection.commit()
    connection.close()

    with pytest.raises(MMBenchError, match="a row that is not an answer") as caught:
        store.get("model", ["d1"])

    assert caught.value.facts["request"] == "d1"


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    """A file that another process never lets go of is told, and nothing is lost silently."""
    with SqliteStore(tmp_path, patience=0.1) as store:
        store.put("model", batch(0))
        holder = sqlite3.connect(store.file)
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(MMBenchError, match="is locked by another process"):
            store.put("model", batch(1))
        holder.close()

        store.put("model", batch(1))

        assert store.get("model", list(batch(1))) == batch(1)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    """A store folder that is a file is a clear error for looking, keeping and locking."""
    (tmp_path / "taken").write_text("")
    store = SqliteStore(tmp_path / "taken")

    with pytest.raises(MMBenchError, match="cannot be used"):
        store.get("model", ["d1"])
    with pytest.raises(MMBenchError, match="taken is a file"):
        store.put("model", batch(0))
    with pytest.raises(MMBenchError, match="taken is a file"):
        FileLocks(tmp_path / "taken").acquire("a")


@pytest.fixture
def sealed() -> Iterator[Path]:
    """A folder that this process cannot write to, even if it is root's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(before)
        folder.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_folder_is_told(sealed: Path) -> None:
    """Neither a store nor a lock can be made in a folder that cannot be written to."""
    for folder in (sealed, sealed / ".mmbench"):
        with pytest.raises(MMBenchError, match="cannot be"), SqliteStore(folder) as store:
            store.put("model", batch(0))
        with pytest.raises(MMBenchError, match="cannot be used") as caught:
            FileLocks(folder).acquire("a")

        assert caught.value.facts["reason"] == "Permission denied"


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


def test_looking_for_hashes_makes_no_file(tmp_path: Path) -> None:
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


def test_a_damaged_file_is_told_to_who_looks_for_hashes(tmp_path: Path) -> None:
    """As it is when answers are looked for."""
    (tmp_path / "answers.sqlite").write_bytes(b"no database at all" * 1000)

    with SqliteStore(tmp_path) as store, pytest.raises(MMBenchError, match="is not an SQLite file"):
        store.get_picture_hashes(["a"])


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


def main(folder: Path, words: list[str]) -> None:
    """Keeps the batches of these numbers, or all there are."""
    numbers = range(10**9) if words == ["endless"] else map(int, words)
    with SqliteStore(folder) as store:
        for number in numbers:
            store.put("model", batch(number))
            print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
