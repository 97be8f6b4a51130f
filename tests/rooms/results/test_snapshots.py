import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from accepted_answers import LEAF, accepted, drawn
from hypothesis import given

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.results import snapshots
from pytest_mmbench.results.snapshots import SnapshotAnswers, updated

TEXT = """\
{
  "schema": 1,
  "dimension": "b.d",
  "wording": "b-1",
  "how": "rank",
  "model": "old",
  "tolerance": 0.01,
  "answers": {
    "s0": {"chosen": "A", "mark": "right", "margin": 0.37},
    "s1": {"chosen": "", "mark": "unreadable", "margin": 0.37},
    "s10": {"chosen": "B", "mark": "wrong"}
  }
}
"""
HELD = replace(
    accepted("Ar -u", margin=0.37),
    answers={
        **accepted("Ar -u", margin=0.37).answers,
        **accepted("Bw", start=10, margin=float("inf")).answers,
    },
)


def first(now: SnapshotAnswers) -> SnapshotAnswers:
    """The same as it is accepted."""
    return updated(replace(now, answers={}), now, now.answers.keys())


def test_a_file_reads_well() -> None:
    """One line for each sample, in an order that does not depend on how they were asked."""
    turned = replace(HELD, answers=dict(reversed(list(HELD.answers.items()))))

    assert snapshots.encode(HELD) == snapshots.encode(turned) == TEXT
    assert snapshots.decode(TEXT, dimension=LEAF) == HELD


@given(drawn())
def test_what_is_written_is_read(now: SnapshotAnswers) -> None:
    """Every answer that can be accepted comes back, digits and all, as valid JSON and UTF-8."""
    held = first(now)
    text = snapshots.encode(held)

    assert snapshots.decode(text, dimension=LEAF) == held
    assert snapshots.encode(snapshots.decode(text, dimension=LEAF)) == text
    assert json.loads(text.encode("utf-8"))["answers"].keys() == held.answers.keys()
    assert "what it said" not in text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{\n", "<<<<<<< ours\n{\n", "line 1 column 1"),
        ('"right", "margin": 0.37}', '"rigth"}', "Invalid enum value 'rigth'"),
        ('"wrong"}', '"wrong", "text": "B"}', "unknown field `text`"),
        ('"wrong"}', '"wrong"}\n', None),
        ('"wrong"}', '"wrong"},', "line 12 column 3"),
        ('"margin": 0.37', '"margin": -1', ">= 0"),
        ('"margin": 0.37', '"margin": NaN', "NaN is no margin"),
        ('"s1": {', '"s0": {', "'s0' stands there twice"),
        ('"b.d"', '"b.e"', "answers to b.e, in schema 1"),
        ('  "how": "rank",\n', "", "missing required field `how`"),
        ('"s1": {"chosen": ""', '"s1": {"chosen": null', "Expected `str`, got `null`"),
        (TEXT, "", "line 1 column 1"),
        (TEXT, "[]", "Expected `object`, got `array`"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, old: str, new: str, reason: str | None) -> None:
    """What a hand or a merge has broken is told with its file; what it has only moved is read."""
    path = tmp_path / "b.d.json"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    if reason is None:
        assert snapshots.read(path, dimension=LEAF) == HELD
        return
    with pytest.raises(DataError) as caught:
        snapshots.read(path, dimension=LEAF)

    assert str(path) in caught.value.problem
    assert reason in caught.value.facts["reason"]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """As any other damage, and so is a file that cannot be read."""
    path = tmp_path / "b.d.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"b\.d\.json"):
        snapshots.read(path, dimension=LEAF)
    with pytest.raises(DataError, match="does not hold"):
        snapshots.read(tmp_path, dimension=LEAF)


def test_a_sample_may_have_any_name() -> None:
    """Also that of a field."""
    text = TEXT.replace('"s0"', '"schema"')

    assert "schema" in snapshots.decode(text, dimension=LEAF).answers


def test_a_later_schema_is_refused(tmp_path: Path) -> None:
    """The error says what to upgrade, and is of a kind that no update passes over."""
    path = tmp_path / "b.d.json"
    path.write_text(TEXT.replace('"schema": 1', '"schema": 2'), encoding="utf-8")

    with pytest.raises(SettingsError, match="later pytest-mmbench") as caught:
        snapshots.read(path, dimension=LEAF)

    assert caught.value.facts["its schema"] == "2"


def test_writing_replaces_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies while it writes leaves the file as it was, and nothing beside it."""
    path = snapshots.path(tmp_path, "b.d")
    snapshots.write(path, "before")

    def die(part: Path, target: Path) -> None:
        assert part.read_text(encoding="utf-8") == "after"
        assert target == path
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        snapshots.write(path, "after")

    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in path.parent.iterdir()] == ["b.d.json"]


def test_a_file_lies_below_its_benchmark(tmp_path: Path) -> None:
    """At the rootdir, under the name of its leaf; a benchmark may be a leaf itself."""
    assert snapshots.path(tmp_path, "b.d") == tmp_path / "mm_snapshots" / "b" / "b.d.json"
    assert snapshots.path(tmp_path, "b") == tmp_path / "mm_snapshots" / "b" / "b.json"


def test_files_of_leaves_that_are_gone(tmp_path: Path) -> None:
    """Those of no leaf of the benchmark; what is no snapshot is not looked at."""
    for name in ("b.d", "b.e", "b.f"):
        snapshots.write(snapshots.path(tmp_path, name), TEXT)
    (snapshots.folder(tmp_path, "b") / "README.md").touch()

    gone = snapshots.obsolete(tmp_path, "b", ("b.d", "b.f"))

    assert gone == [snapshots.path(tmp_path, "b.e")]
    assert snapshots.obsolete(tmp_path, "another", ()) == []


@pytest.mark.slow
def test_a_large_benchmark_is_quick(tmp_path: Path) -> None:
    """24,000 answers are accepted, written, read and compared again in three seconds.

    Slow, as it does what all cases of such a benchmark do.
    """
    now = accepted("Ar Bw Cw -u " * 6_000, margin=1.23)
    path = snapshots.path(tmp_path, LEAF)
    started = time.process_time()

    snapshots.write(path, snapshots.encode(first(now)))
    read = snapshots.read(path, dimension=LEAF)

    assert updated(read, now, now.answers.keys()) == read
    assert time.process_time() - started < 3
