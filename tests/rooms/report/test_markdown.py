from pathlib import Path

import pytest
from documents import (
    candidate,
    change,
    document,
    documents,
    flip,
    said,
    shortcut,
    stopped,
    verdict,
)
from hypothesis import given, settings
from markdown_it import MarkdownIt

from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import AnswerChange, ModelRole, Report
from pytest_mmbench.report.markdown import LIMIT, markdown, write_markdown, write_step_summary

READER = MarkdownIt("commonmark").enable("table")
MOVED = document(
    ruling=stopped("shapes.math 0.500 (20/40) is below 0.60"),
    checkpoints=(
        candidate(
            verdict("shapes", 30, 40, "0.6"),
            verdict("shapes.math", 20, 40, "0.6"),
            verdict("shapes.colour", 39, 40, "0.6"),
        ),
        candidate(name="old", role=ModelRole.BASELINE),
    ),
    changes=(
        change("shapes"),
        change("shapes.math", -0.2, outcome=Outcome.FAIL, lost=9, gained=1),
        change("shapes.colour"),
    ),
    flips=(
        flip("ties", AnswerChange.NEAR_TIE),
        flip("sum|1", old=said("A", right=True, logs=(-0.1, -2.4)), new=said("", text="`hm`")),
    ),
    shortcuts=(shortcut("blind"),),
)


def test_the_order_of_things() -> None:
    """The verdict and its reasons, what moved, the answers that show it, and how to repeat it."""
    told = markdown(MOVED)

    lines = [line for line in told.splitlines() if line.startswith(("#", "*"))]
    assert lines[:2] == [
        "## ✖ DO NOT SHIP: new against old",
        "* **fail** (capability): shapes.math 0.500 (20/40) is below 0.60",
    ]
    assert [line for line in lines if line.startswith("###")] == [
        "### Dimensions that failed or moved",
        "### Answers that changed",
        "### Shortcut candidates",
        "### The run",
    ]
    assert told.endswith("pytest --mm-model=x\n```\n")


def test_only_what_failed_or_moved_is_listed() -> None:
    """Beside the whole of a benchmark; a dimension that is fine stays out."""
    rows = [line for line in markdown(MOVED).splitlines() if line.startswith("| shapes")]

    assert rows == [
        "| shapes | pass | 0.750 | 30/40 | 0.60 | 0.0 (−5.0 to +5.0) | 0 | 0 |",  # noqa: RUF001
        "| shapes.math | fail | 0.500 | 20/40 | 0.60 | −20.0 (−25.0 to −15.0) | 9 | 1 |",  # noqa: RUF001
    ]


def test_answers() -> None:
    """Old and new with their probabilities, the gravest first, what was said as text."""
    rows = [line for line in markdown(MOVED).splitlines() if "What is 1" in line]

    assert rows[0] == (
        "| regressed | sum\\|1 | What is 1 + 1? | A two (91 %) | unreadable: \\`hm\\` | A two |"
    )
    assert rows[1].startswith("| near tie |")


@settings(max_examples=30, deadline=None)  # whole documents are made
@given(documents())
def test_nothing_but_our_own_markup(made: Report) -> None:
    """Whatever stands in a document, there is no HTML, link, picture or rule in its Markdown."""
    tokens = READER.parse(markdown(made))
    inline = [child for each in tokens for child in each.children or []]

    assert not {"html_block", "hr", "code_block"} & {each.type for each in tokens}
    assert {each.type for each in inline} <= {"text", "text_special", "strong_open", "strong_close"}
    assert len([each for each in tokens if each.tag == "h2"]) == 2


@pytest.mark.parametrize("most", [LIMIT, 3_000, 600, 100, 0])
def test_the_limit(most: int) -> None:
    """A longer report is cut behind a whole part, with a note if there is room for one."""
    many = tuple(flip(f"s{at}", question="é" * 500) for at in range(30))
    told = markdown(document(flips=many, notes=("é" * 500,) * 30), most=most)

    assert len(told.encode()) <= most
    assert told == "" or ("Cut here" in told) == (most < LIMIT)


def test_a_huge_document() -> None:
    """Thousands of answers of a megabyte each become a page."""
    text = "<b>" * 300_000
    many = tuple(flip(f"s{at}", new=said("", text=text), question=text) for at in range(2_000))

    told = markdown(document(flips=many))

    assert len(told.encode()) < 50_000
    assert "and 1,980 more" in told


def test_a_step_of_github(tmp_path: Path) -> None:
    """The report is added where the variable says, in the room that is left; else nowhere."""
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n" + "x" * (LIMIT - 400), encoding="utf-8")

    assert write_step_summary(MOVED, {"GITHUB_STEP_SUMMARY": str(summary)}) is True

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Before\n")
    assert "DO NOT SHIP" in text
    assert summary.stat().st_size <= LIMIT
    assert write_step_summary(MOVED, {}) is False


def test_a_step_whose_summary_was_the_file(tmp_path: Path) -> None:
    """`--mm-markdown=$GITHUB_STEP_SUMMARY` shows the report once; another file is another one."""
    summary, other = tmp_path / "summary.md", tmp_path / "report.md"
    found = {"GITHUB_STEP_SUMMARY": str(tmp_path / "." / "summary.md")}
    write_markdown(MOVED, summary)

    assert write_step_summary(MOVED, found, written=summary) is False
    assert summary.read_text(encoding="utf-8") == markdown(MOVED)
    assert write_step_summary(MOVED, found, written=other) is True


def test_a_file(tmp_path: Path) -> None:
    """The file is what the function gives."""
    write_markdown(MOVED, tmp_path / "report.md")

    assert (tmp_path / "report.md").read_text(encoding="utf-8") == markdown(MOVED)
