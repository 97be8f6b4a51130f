from pathlib import Path

import pytest
import structure
from structure import is_participle, modules, small_single_use, table

UPPER = '''"""One floor up."""

from home.lower import first


class Row:
    """A class."""

    size: int
    """A field."""


def _helped(
    text: str,
) -> str:
    """Docstring.

    It does not count.
    """
    return text


def _alone() -> int:
    return 1


def _twice() -> int:
    return 2


# A comment.
def last() -> str:
    return _helped("a text") + str(_alone()) + str(_twice()) + str(_twice()) + first()
'''
LOWER = 'class Row:\n    pass\n\n\ndef first() -> str:\n    return ""\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A package of two entries."""
    package = tmp_path / "home"
    (package / "lower").mkdir(parents=True)
    (package / "__init__.py").write_text("from home.upper import last\n")
    (package / "lower" / "__init__.py").write_text(LOWER)
    (package / "upper.py").write_text(UPPER)
    (tmp_path / "README.md").write_text("12345")
    return package


def test_the_table_counts_what_is_there(home: Path) -> None:
    """Entries, arrows, floors, lines by kind, functions, names that occur twice."""
    found = table(home)

    assert found["top entries"] == "2 (1 files, 1 folders)"
    assert (found["arrows between entries"], found["floors"], found["files"]) == ("1", "2", "3")
    assert (found["functions"], found["  longest"]) == ("5", "4")
    assert (found["  imports"], found["  comments"], found["  docstrings"]) == ("2", "1", "7")
    assert found["class names used twice"] == "1 (Row 2)"
    assert found["README characters"] == "5"


def test_small_functions_of_one_caller_are_found(home: Path) -> None:
    """A docstring has no length, and two uses are two."""
    upper = next(each for each in modules(home) if each.base == "upper")

    assert list(small_single_use(upper)) == [("_helped", 4), ("_alone", 2)]


@pytest.mark.parametrize("base", ["asked", "told", "sampling", "cache_sharing"])
def test_participles_and_gerunds_are_found(base: str) -> None:
    """Also those that are irregular, and at the end of a longer name."""
    assert is_participle(base)


@pytest.mark.parametrize("base", ["seed", "string", "mmstar_tables", "drawing", "red"])
def test_nouns_are_nouns(base: str) -> None:
    """What only looks like a participle is none."""
    assert not is_participle(base)


def test_entries_that_import_each_other_have_no_floors(home: Path) -> None:
    """A circle is an error, and no number."""
    (home / "lower" / "inner.py").write_text("from home.upper import last\n")

    with pytest.raises(ValueError, match="imports itself through"):
        structure.floors(home)


def test_columns_stand_side_by_side(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One for each package."""
    structure.main([str(home), str(home)])

    head, entries, *_ = capsys.readouterr().out.splitlines()
    assert head.count("/home") == 2
    assert entries.split("  ")[0] == "top entries"
    assert entries.count("1 folders") == 2
