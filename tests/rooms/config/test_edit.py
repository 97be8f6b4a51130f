import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.config.edit import rewrite, with_text, with_thresholds
from pytest_mmbench.errors import SettingsError

TOOL = "tool.mmbench"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"a" = 0.5   # why', '"a" = 0.60   # why'),
        ('"a" = 0.500', '"a" = 0.60'),
        ("a = 0", "a = 0.60"),
        ('a = { at_least = 0.5, rule = "x" } # y', 'a = { at_least = 0.60, rule = "x" } # y'),
        ("a={at_least=0.5}", "a={at_least=0.60}"),
        ("a.at_least = 0.5 # x", "a.at_least = 0.60 # x"),
        ("[thresholds.a]\n# y\nat_least = 0.5 # x", "[thresholds.a]\n# y\nat_least = 0.60 # x"),
    ],
)
def test_a_threshold_is_changed_where_it_stands(before: str, after: str) -> None:
    """In all its forms; comments, blanks and the rule stay."""
    frame = "# head\nstrict=true\n\n[thresholds]  # t\n{}\n\n[gate]\nalpha = 0.050\n"

    changed = with_thresholds(frame.format(before), {"a": "0.60"}, within="")

    assert changed == frame.format(after)


def test_thresholds_of_a_table_in_pyproject() -> None:
    """The table may be split by others, as TOML allows."""
    text = (
        '[tool.mmbench.thresholds]\n"a.b" = 0.5\n[tool.other]\n"a.b" = 0.5\n'
        "[tool.mmbench]\nstrict = true\n"
    )

    changed = with_thresholds(text, {"a.b": "0.60"}, within=TOOL)

    assert changed == text.replace('"a.b" = 0.5', '"a.b" = 0.60', 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'b = "x"\n'),
        ("# one\n# two\n", '# one\n# two\nb = "x"\n'),
        ("# file\n\n# table\n[t]\n", '# file\n\nb = "x"\n\n# table\n[t]\n'),
        ("# table\n[t]\n", 'b = "x"\n\n# table\n[t]\n'),
        ("a = 1 # y\n[t]\n", 'b = "x"\na = 1 # y\n[t]\n'),
        ("b = 'old' # y\n[t]\nb = 'other'\n", "b = \"x\" # y\n[t]\nb = 'other'\n"),
    ],
)
def test_a_key_is_changed_or_comes_first(before: str, after: str) -> None:
    """Where no table can swallow it, and no comment loses what it is about."""
    assert with_text(before, "b", "x", within="") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tool.mmbench] # y\na = 1\n", '[tool.mmbench] # y\nb = "x"\na = 1\n'),
        ("[ tool . mmbench ]\n", '[ tool . mmbench ]\nb = "x"\n'),
        ("[tool.mmbench.gate]\na = 1\n", '[tool.mmbench]\nb = "x"\n\n[tool.mmbench.gate]\na = 1\n'),
        ("[project]\nname = 'x'\n", "[project]\nname = 'x'\n[tool.mmbench]\nb = \"x\"\n\n"),
        ("[tool.mmbench]\nb = 'old'\n", '[tool.mmbench]\nb = "x"\n'),
    ],
)
def test_a_key_of_a_table_in_pyproject(before: str, after: str) -> None:
    """Below the head of the table, which is made if there is none."""
    assert with_text(before, "b", "x", within=TOOL) == after


@pytest.mark.parametrize("text", ["tool.mmbench.a = 1\n", "tool = {mmbench = {a = 1}}\n"])
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    """Rather than written in a way that means something else."""
    with pytest.raises(SettingsError, match="cannot be changed safely"):
        with_text(text, "b", "x", within=TOOL)


keys = st.from_regex(r"[a-z]{1,4}", fullmatch=True).filter(lambda key: key != "b")
comments = st.from_regex(r"#[ a-z]{0,9}", fullmatch=True)
lines = st.one_of(
    comments,
    st.just(""),
    st.builds("{} = {}".format, keys, st.integers(0, 9)),
    st.builds("[{}]".format, keys),
)


@given(st.lists(lines, max_size=8).map("\n".join))
def test_every_line_stays(text: str) -> None:
    """Whatever the file: all its lines are there, in their order, and all it means."""
    before = f"{text}\n"
    try:
        meant = tomllib.loads(before)
    except tomllib.TOMLDecodeError:
        return  # a key or table that stands twice: the settings would not have been read

    after = with_text(before, "b", "x", within="")

    assert tomllib.loads(after) == meant | {"b": "x"}
    kept = iter(after.splitlines())
    assert all(line in kept for line in before.splitlines() if line)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_keeps_its_line_breaks(tmp_path: Path, end: str, mark: str) -> None:
    """And its byte order mark, as some editors write it."""
    path = tmp_path / "mmbench.toml"
    text = f'{mark}# a{end}{end}[thresholds]{end}"a" = 0.5   # b'
    path.write_bytes(text.encode())

    rewrite(path, lambda old: with_thresholds(old, {"a": "0.60"}, within=""))

    assert path.read_bytes().decode() == text.replace("0.5 ", "0.60 ") + end


def test_a_refused_change_leaves_the_file(tmp_path: Path) -> None:
    """Not even a scratch file is left."""
    path = tmp_path / "pyproject.toml"
    path.write_text("tool.mmbench.a = 1\n", encoding="utf-8")

    with pytest.raises(SettingsError):
        rewrite(path, lambda old: with_text(old, "b", "x", within=TOOL))

    assert path.read_text(encoding="utf-8") == "tool.mmbench.a = 1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_digits_are_as_they_are_given() -> None:
    """0.60 is not 0.6: a gate repeats what is written."""
    changed = with_thresholds('[thresholds]\n"a" = 0.5\n', {"a": "0.60"}, within="")

    assert str(tomllib.loads(changed, parse_float=Decimal)["thresholds"]["a"]) == "0.60"
