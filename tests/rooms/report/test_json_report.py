import json
import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import changed_answer, model_answer, reports, small_report

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.report.document import SCHEMA, Release, Report
from pytest_mmbench.report.json_report import (
    SCHEMA_FILE,
    from_json,
    json_schema,
    to_json,
    write_json,
)

UNICODE = st.text(max_size=30)  # without halves of surrogate pairs


@settings(max_examples=60)  # whole reports are made
@given(reports(UNICODE))
def test_what_is_written_is_read_back(report: Report) -> None:
    """A report survives its JSON form without a difference."""
    assert from_json(to_json(report)) == report


def test_the_form_is_plain_json() -> None:
    """Any reader of JSON sees the fields by their names, and enumerations as words."""
    data = json.loads(to_json(small_report(changed_answers=(changed_answer(),))))

    assert data["schema"] == SCHEMA
    assert data["decision"]["release"] == "ship"
    assert data["changed_answers"][0]["candidate"] == {
        "answer": "B",
        "correctness": "incorrect",
        "option_logprobs": [],
        "text": "",
        "partial": 0.0,
        "repeats": [],
    }
    assert "null" not in to_json(small_report())


def test_a_long_answer_is_kept_whole() -> None:
    """What reports for people cut, the JSON form keeps."""
    text = "x" * 1_000_000
    long = changed_answer(candidate=model_answer("", text=text))

    report = from_json(to_json(small_report(changed_answers=(long,))))

    assert report.changed_answers[0].candidate.text == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not(number: float) -> None:
    """It is refused with its place, and never written as null."""
    answer = model_answer("B", logprobs=(-0.1, number))
    broken = small_report(changed_answers=(changed_answer(), changed_answer(candidate=answer)))
    place = r"`\$\.changed_answers\[1\]\.candidate\.option_logprobs\[1\]`"

    with pytest.raises(DataError, match=rf"null.* at {place}") as caught:
        to_json(broken)

    assert caught.value.problem == "the report cannot be written as JSON."


def test_a_text_that_is_not_unicode() -> None:
    """Half a surrogate pair is refused, as no file can hold it."""
    with pytest.raises(DataError, match="surrogates"):
        to_json(small_report(notes=("\ud800",)))


def test_a_field_that_is_not_known() -> None:
    """Fields may be added within a version: an older reader passes over them."""
    data = json.loads(to_json(small_report())) | {"weather": {"wind": 3}}

    assert from_json(json.dumps(data)) == small_report()


def test_a_later_version() -> None:
    """A report of a later version is refused with the remedy, whatever else has changed in it."""
    with pytest.raises(DataError) as caught:
        from_json(json.dumps({"schema": SCHEMA + 1, "decision": 3}), name="old.json")

    assert str(caught.value).splitlines() == [
        "mmbench: old.json was written by a later version of pytest-mmbench.",
        f"  schema       {SCHEMA + 1}, known up to {SCHEMA}",
        "  what to do   pip install --upgrade pytest-mmbench",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "[]",
        "{}",
        '{"schema": "2"}',
        '{"schema": 2}',
        '{"schema": 1}',
        "\xff",
        "[" * 10_000,
    ],
    ids=["empty", "number", "list", "nothing", "text", "no decision", "no ruling", "latin", "deep"],
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

    difference = defined["RegressionVerdict"]["properties"]["difference"]
    assert difference["description"] == (
        "The candidate's accuracy minus the baseline's, near ties not counted: negative is worse."
    )
    release = defined["Decision"]["properties"]["gates"]
    assert release == {"type": "integer", "description": "How many gates were set, judged or not."}
    assert defined["CapabilityVerdict"]["properties"]["dimension"] == {"type": "string"}
    assert all("description" in each for each in defined.values())


def test_a_file(tmp_path: Path) -> None:
    """The file holds one object, and a line break at its end."""
    write_json(small_report(), tmp_path / "report.json")

    text = (tmp_path / "report.json").read_bytes()
    assert msgspec.json.decode(text, type=Report) == small_report()
    assert text.endswith(b"}\n")


def test_an_earlier_word_for_undecided() -> None:
    """Reports that say `inconclusive` of the release are read; a gate's outcome keeps the word."""
    text = to_json(small_report()).replace('"release": "', '"release": "inconclusive", "was": "')

    assert from_json(text).decision.release is Release.UNDECIDED


@pytest.mark.parametrize(
    ("former", "kind"),
    [
        ("incorrect, now incorrect otherwise", FlipKind.STILL_WRONG),
        ("correct, now correct otherwise", FlipKind.STILL_CORRECT),
    ],
)
def test_kinds_of_changes_have_been_called_otherwise(former: str, kind: FlipKind) -> None:
    """Reports of schema 2 that were written before are read."""
    report = small_report(changed_answers=(changed_answer(kind=kind),))
    text = to_json(report)
    assert kind.value in text

    assert from_json(text.replace(kind.value, former)) == report
    with pytest.raises(DataError):
        from_json(text.replace(kind.value, former.replace("now ", "no ")))
