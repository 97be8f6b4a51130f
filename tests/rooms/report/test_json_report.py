import json
import math
from pathlib import Path

import msgspec
import pytest
from documents import document, documents, flip, said
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError
from pytest_mmbench.report.document import SCHEMA, Report
from pytest_mmbench.report.json_report import (
    SCHEMA_FILE,
    from_json,
    json_schema,
    to_json,
    write_json,
)

UNICODE = st.text(max_size=30)  # without halves of surrogate pairs


@settings(max_examples=60, deadline=None)  # whole documents are made
@given(documents(UNICODE))
def test_what_is_written_is_read_back(made: Report) -> None:
    """A document survives its JSON form without a difference."""
    assert from_json(to_json(made)) == made


def test_the_form_is_plain_json() -> None:
    """Any reader of JSON sees the fields by their names, and enumerations as words."""
    told = json.loads(to_json(document(flips=(flip(),))))

    assert told["schema"] == SCHEMA
    assert told["ruling"]["decision"] == "ship"
    assert told["flips"][0]["new"] == {"chosen": "B", "mark": "wrong", "logs": [], "text": ""}
    assert "null" not in to_json(document())


def test_a_long_answer_is_kept_whole() -> None:
    """What reports for people cut, the JSON form keeps."""
    text = "x" * 1_000_000

    kept = from_json(to_json(document(flips=(flip(new=said("", text=text)),))))

    assert kept.flips[0].new.text == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not(number: float) -> None:
    """It is refused with its place, and never written as null."""
    broken = document(flips=(flip(), flip(new=said("B", logs=(-0.1, number)))))

    with pytest.raises(DataError, match=r"null.* at `\$\.flips\[1\]\.new\.logs\[1\]`") as caught:
        to_json(broken)

    assert caught.value.problem == "the report cannot be written as JSON."


def test_a_text_that_is_not_unicode() -> None:
    """Half a surrogate pair is refused, as no file can hold it."""
    with pytest.raises(DataError, match="surrogates"):
        to_json(document(notes=("\ud800",)))


def test_a_field_that_is_not_known() -> None:
    """Fields may be added within a version: an older reader passes over them."""
    told = json.loads(to_json(document())) | {"weather": {"wind": 3}}

    assert from_json(json.dumps(told)) == document()


def test_a_later_version() -> None:
    """A report of a later version is refused with the remedy, whatever else has changed in it."""
    with pytest.raises(DataError) as caught:
        from_json(json.dumps({"schema": SCHEMA + 1, "ruling": 3}), name="old.json")

    assert str(caught.value).splitlines() == [
        "mmbench: old.json was written by a later version of pytest-mmbench.",
        f"  schema       {SCHEMA + 1}, known up to {SCHEMA}",
        "  what to do   pip install --upgrade pytest-mmbench",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "3", "[]", "{}", '{"schema": "1"}', '{"schema": 1}', "\xff", "[" * 10_000],
    ids=["empty", "number", "list", "nothing", "text", "no ruling", "latin-1", "deep"],
)
def test_what_is_no_report(text: str) -> None:
    """Anything else is refused by its name."""
    with pytest.raises(DataError, match="mine is not a report of pytest-mmbench"):
        from_json(text.encode("latin-1"), name="mine")


def test_the_schema_beside_the_code() -> None:
    """`schema.json` is what the records are; write the text below into it where it is not."""
    wanted = json.dumps(json_schema(), indent=2) + "\n"

    assert SCHEMA_FILE.read_text(encoding="utf-8") == wanted


def test_the_schema_describes_its_fields() -> None:
    """What stands beneath a field in the code stands in the schema too."""
    defined = json_schema()["$defs"]

    difference = defined["Change"]["properties"]["difference"]
    assert difference["description"] == "`new` less `old`, a fraction: negative is worse."
    assert defined["Standing"]["properties"]["rule"] == {"type": "string"}
    assert all("description" in each for each in defined.values())


def test_a_file(tmp_path: Path) -> None:
    """The file holds one object, and a line break at its end."""
    write_json(document(), tmp_path / "report.json")

    text = (tmp_path / "report.json").read_bytes()
    assert msgspec.json.decode(text, type=Report) == document()
    assert text.endswith(b"}\n")
