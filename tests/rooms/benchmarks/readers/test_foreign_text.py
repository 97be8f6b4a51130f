import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.foreign_text import (
    MAX_NESTING,
    check_value,
    decode_text,
    parse_json,
    parse_literal,
    wide_encoding,
)
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows

DEEP = [
    "[" * 100 + "]" * 100,
    "[" * 100_000,
    "[" + "-" * 100_000 + "1]",
    "[" + "1+" * 20_000 + "1]",
    "[" + "not " * 20_000 + "1]",
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_deep_literals_are_refused(text: str) -> None:
    """Whatever Python's parser raises on them: here it is one error."""
    with pytest.raises(ValueError, match=r"nested|parentheses|built"):
        parse_literal(text)


@pytest.mark.parametrize(
    "text", ["[{[]:1}]", "[{{}}]", "{[1]: 2}", f"[{'9' * 5000}]", "[\0]", "['\\N{nothing}']", "[a]"]
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    """A key that cannot be one, a number that is too long, a NUL, an unknown name."""
    with pytest.raises(ValueError, match=r"."):
        parse_literal(text)


@given(st.text("[](){}:,'\"0x1-+\\ abNone\ud800\0", max_size=40))
def test_any_text_is_a_literal_or_a_value_error(text: str) -> None:
    """No other error comes out, and what comes out can be written."""
    try:
        value = parse_literal(text)
    except ValueError:
        return
    check_value(value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 5000 + "]" * 5000])
def test_deep_json_is_refused(text: str) -> None:
    """A parser that works by recursion ends somewhere."""
    with pytest.raises(ValueError, match=r"nested deeper|Expecting"):
        parse_json(text)


def test_values_are_bounded_in_depth() -> None:
    """Also below the limit of the parser: what is kept is hashed and shown by recursion too."""
    value: Any = 1
    for _ in range(MAX_NESTING):
        value = [value]

    check_value(value)
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        check_value([value])


@pytest.mark.parametrize(
    "value",
    ["\ud800", "a\udfff", ["\udc00"], {"a": {"b": "\ud900"}}, {"\ud800": 1}, [[["x\udbff"]]]],
)
def test_half_a_surrogate_pair_is_no_text(value: object) -> None:
    """No encoding can write it, so that no store, hash or report could hold it."""
    with pytest.raises(ValueError, match=r"surrogate pair, '\\ud"):
        check_value(value)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_character_is_text(text: str) -> None:
    """Emoji in JSON are escaped as two halves, which make one character."""
    check_value(json.loads(json.dumps(text)))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")))
def test_text_comes_back_in_every_encoding(encoding: str, text: str) -> None:
    """By its mark, or by the NUL bytes of what begins with letters."""
    text = f"id{text}"

    assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id\xff", "not UTF-8 text: byte 2"),
        ("id".encode("utf-16")[:-1], "not UTF-16 text"),
        ("id".encode("utf-16") + b"\x00\xd8", "not UTF-16 text"),
    ],
)
def test_text_of_no_encoding_is_refused_by_name(content: bytes, told: str) -> None:
    """The error says which was expected, and what to do."""
    with pytest.raises(ValueError, match=told) as caught:
        decode_text(content)

    assert "Save it as UTF-8" in str(caught.value)


@given(st.binary(max_size=4))
def test_any_beginning_has_an_encoding_or_none(start: bytes) -> None:
    """Files may be shorter than a mark."""
    assert wide_encoding(start) in ("", "UTF-16", "UTF-16-LE", "UTF-16-BE", "UTF-32")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "\ud800"),
        ("question", "a\udfff"),
        ("options", ["\ud800"]),
        ("image", {"path": "\ud800"}),
    ],
)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_record_with_half_a_pair_is_refused_by_name(
    published: Any, suffix: str, field: str, value: object
) -> None:
    """File, row and field; other records are read."""
    records: list[dict[str, object]] = [{"id": "1"}, {"id": "2", field: value}, {"id": "3"}]
    text = "\n".join(map(json.dumps, records)) if suffix == ".jsonl" else json.dumps(records)
    path = str(published.text(f"m{suffix}", text))

    with pytest.raises(DataError, match="record 1 of m") as caught:
        open_table(path, pictures=["image"])

    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert caught.value.facts["field"] == field
    table = open_table(path, pictures=["image"], bad_rows=BadRows.SKIP)
    assert [row.text("id") for row in table.rows] == ["1", "3"]


def test_fields_of_any_length_and_shape(published: Any) -> None:
    """Errors stay short, whatever a field holds."""
    huge = "x" * 1_000_000
    record = {"id": huge, "n": huge, "list": f"[{huge}", "path": f"{huge}.png"}
    row = open_table(str(published.text("m.jsonl", json.dumps(record))), pictures=["path"]).rows[0]

    for ask in (
        lambda: row.integer("n"),
        lambda: row.texts("list"),
        lambda: row.picture("path", name="p").read(),
    ):
        with pytest.raises(DataError) as caught:
            ask()
        assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000, "\u0661" * 5000])
def test_numbers_of_any_length(published: Any, digits: str) -> None:
    """No index is that long, and Python refuses to read it."""
    path = published.tsv("m.tsv", ["index", "n"], ["1", digits])

    with pytest.raises(DataError, match="which is not a whole number"):
        open_table(str(path), pictures=[]).rows[0].integer("n")


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '[{"b": {"a": 1, "a": 1}}]', '{"\\u0061": 1, "a": 2}']
)
def test_a_key_that_stands_twice(text: str) -> None:
    """One of two options A, or of two records of one id, would be gone without a word."""
    with pytest.raises(ValueError, match=r"the key 'a' stands twice"):
        parse_json(text)
