from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reports import (
    NASTY,
    candidate,
    changed_answer,
    model_answer,
    regression,
    reports,
    score,
    shortcut,
    small_report,
    stopped,
)

from pytest_mmbench.errors import one_line, visible
from pytest_mmbench.gates.verdicts import ConditionScore, FlipKind, Measure, VisionVerdict
from pytest_mmbench.records import Outcome, Role
from pytest_mmbench.report.document import BenchmarkInfo, Report
from pytest_mmbench.report.markdown import (
    LIMIT,
    block,
    markdown,
    plain,
    table,
    write_markdown,
    write_step_summary,
)

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CHANGED = small_report(
    decision=stopped("shapes.math 0.500 (20/40) is below 0.60"),
    models=(
        candidate(
            score("shapes", 30, 40, "0.6"),
            score("shapes.math", 20, 40, "0.6"),
            score("shapes.colour", 39, 40, "0.6"),
        ),
        candidate(name="old", role=Role.BASELINE),
    ),
    regression=(
        regression("shapes"),
        regression("shapes.math", -0.2, outcome=Outcome.FAIL, regressed=9, fixed=1),
        regression("shapes.colour"),
    ),
    changed_answers=(
        changed_answer("ties", near_tie=True),
        changed_answer(
            "sum|1",
            FlipKind.CORRECT_TO_UNPARSEABLE,
            baseline=model_answer("A", correct=True, logprobs=(-0.1, -2.4)),
            candidate=model_answer("", text="`hm`"),
        ),
    ),
    shortcuts=(shortcut("blind"),),
)


def test_the_order_of_things() -> None:
    """The verdict and its reasons, what changed, the answers that show it, how to repeat it."""
    text = markdown(CHANGED)

    lines = [line for line in text.splitlines() if line.startswith(("#", "*"))]
    assert lines[:2] == [
        "## ✖ DO NOT SHIP: new against old",
        "* **fail** (capability): shapes.math 0.500 (20/40) is below 0.60",
    ]
    assert [line for line in lines if line.startswith("###")] == [
        "### Dimensions that failed or changed",
        "### Changed answers",
        "### Shortcut candidates",
        "### Run",
    ]
    assert text.endswith("pytest --mm-model=x\n```\n")


def test_only_what_failed_or_changed_is_listed() -> None:
    """Beside the whole of a benchmark; a dimension that is fine stays out."""
    rows = [line for line in markdown(CHANGED).splitlines() if line.startswith("| shapes")]

    assert rows == [
        "| shapes | pass | 0.750 | 30/40 | 0.60 | 0.0 (−5.0 to +5.0) | 0 | 0 |",  # noqa: RUF001
        "| shapes.math | fail | 0.500 | 20/40 | 0.60 | −20.0 (−25.0 to −15.0) | 9 | 1 |",  # noqa: RUF001
    ]


def test_answers() -> None:
    """Before and now with their probabilities, the gravest first, generated text as text."""
    rows = [line for line in markdown(CHANGED).splitlines() if "What is 1" in line]

    assert rows[0] == (
        "| unparseable | sum\\|1 | What is 1 + 1? | A two (91 %) | unparseable: \\`hm\\` | A two |"
    )
    assert rows[1].startswith("| near tie |")


def test_how_a_benchmark_was_asked() -> None:
    """Its revision and method, and the rule of scoring where it matters."""
    ranked = BenchmarkInfo(benchmark="b", revision="b-1", method="rank", total=2, published_total=3)
    free = BenchmarkInfo(
        benchmark="c",
        revision="c-1",
        method="generate",
        scoring="strict",
        decoding="max-new-tokens=512, thinking=true",
        total=2,
        published_total=3,
    )

    lines = markdown(small_report(benchmarks=(ranked, free))).splitlines()

    assert "* b b-1, rank" in lines
    assert any(
        line.startswith("* c c-1, generate, strict scoring, max-new-tokens=512, ") for line in lines
    )


def test_vision() -> None:
    """The root of each benchmark and what did not pass, with every measure that was taken."""
    verdicts = [
        VisionVerdict(
            dimension=path,
            outcome=outcome,
            explanation="",
            conditions=(ConditionScore(name="image", accuracy=0.9, total=40),),
            chance=0.25,
            measures=(Measure(name="gain", value=0.5, limit="0.05"),),
        )
        for path, outcome in (*(("a", Outcome.PASS), ("a.b", Outcome.FAIL), ("a.c", Outcome.PASS)),)
    ]

    text = markdown(small_report(vision=tuple(verdicts)))

    assert "### Vision\n\n| dimension | verdict | gain |\n" in text
    assert "| a | pass | 0.500 |\n| a.b | fail | 0.500 |\n\n" in text


@settings(max_examples=30)  # whole reports are made
@given(reports())
def test_nothing_but_our_own_markup(report: Report) -> None:
    """Whatever stands in a report, there is no HTML, link, picture or rule in its Markdown."""
    tokens = READER.parse(markdown(report))
    inline = [child for each in tokens for child in each.children or []]

    assert not {"html_block", "hr", "code_block"} & {each.type for each in tokens}
    assert {each.type for each in inline} <= {"text", "text_special", "strong_open", "strong_close"}
    assert len([each for each in tokens if each.tag == "h2"]) == 2


@pytest.mark.parametrize("most", [LIMIT, 3_000, 600, 100, 0])
def test_the_limit(most: int) -> None:
    """A longer report is cut behind a whole part, with a note if there is room for one."""
    many = tuple(changed_answer(f"s{at}", question="é" * 500) for at in range(30))
    text = markdown(small_report(changed_answers=many, notes=("é" * 500,) * 30), most=most)

    assert len(text.encode()) <= most
    assert text == "" or ("Cut here" in text) == (most < LIMIT)


def test_a_huge_report() -> None:
    """Thousands of answers of a megabyte each become a page."""
    text = "<b>" * 300_000
    answer = model_answer("", text=text)
    many = tuple(changed_answer(f"s{at}", candidate=answer, question=text) for at in range(2_000))

    page = markdown(small_report(changed_answers=many))

    assert len(page.encode()) < 50_000
    assert "and 1,980 more" in page


def test_a_step_of_github(tmp_path: Path) -> None:
    """The report is added where the variable says, in the room that is left; else nowhere."""
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n" + "x" * (LIMIT - 400), encoding="utf-8")

    assert write_step_summary(CHANGED, {"GITHUB_STEP_SUMMARY": str(summary)}) is True

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Before\n")
    assert "DO NOT SHIP" in text
    assert summary.stat().st_size <= LIMIT
    assert write_step_summary(CHANGED, {}) is False


def test_a_step_whose_summary_was_the_file(tmp_path: Path) -> None:
    """`--mm-markdown=$GITHUB_STEP_SUMMARY` shows the report once; another file is another one."""
    summary, other = tmp_path / "summary.md", tmp_path / "report.md"
    environment = {"GITHUB_STEP_SUMMARY": str(tmp_path / "." / "summary.md")}
    write_markdown(CHANGED, summary)

    assert write_step_summary(CHANGED, environment, markdown_file=summary) is False
    assert summary.read_text(encoding="utf-8") == markdown(CHANGED)
    assert write_step_summary(CHANGED, environment, markdown_file=other) is True


def test_a_file(tmp_path: Path) -> None:
    """The file is what the function gives."""
    write_markdown(CHANGED, tmp_path / "report.md")

    assert (tmp_path / "report.md").read_text(encoding="utf-8") == markdown(CHANGED)


# Text inside Markdown.

JOINER = "\u2060"
ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text("\\`*_[]()<>#|~$&:@!-+=.1a \n\t", max_size=40),
    st.sampled_from(NASTY),
)


def inline(text: str) -> list[Token]:
    """The tokens inside the first cell of the only row of a table that holds the text."""
    tokens = READER.parse(table(["title"], [[f"x {text}"]]))
    cells = [each for each in tokens if each.type == "inline"]
    assert len(cells) == 2
    return cells[1].children or []


@given(ANY_TEXT)
def test_text_stays_text(text: str) -> None:
    """In a cell of a table nothing of it is markup, and a reader sees what was written."""
    tokens = inline(plain(text, most=1_000))

    assert {each.type for each in tokens} <= {"text", "text_special"}
    seen = "".join(each.content for each in tokens).replace(JOINER, "")
    assert seen.split() == f"x {one_line(text)}".split()


@given(ANY_TEXT)
def test_nothing_is_linked(text: str) -> None:
    """No name, number, address or emoji is left for GitHub to find in the rendered text."""
    seen = "".join(each.content for each in inline(plain(text)))

    for start in ("@a", "#1", "http:", "https:", "www.", "GH-1", ":smile:"):
        assert start.lower() not in seen.lower() or start.lower() not in one_line(text).lower()


def test_mentions_and_addresses() -> None:
    """They are parted by a sign that nobody sees."""
    assert plain("@octocat") == f"@{JOINER}octocat"
    assert plain("see #12, GH-3") == f"see \\#{JOINER}12, GH{JOINER}-3"
    assert plain("https://f.example www.g.example") == (
        f"https{JOINER}://f.example www{JOINER}.g.example"
    )
    assert plain("at 14:03:22 :tada:") == f"at 14:03:22 :{JOINER}tada:"


@given(st.one_of(ANY_TEXT, st.text("`\n~a", max_size=20)))
def test_a_block_holds_anything(text: str) -> None:
    """A fence is closed by its own end alone."""
    tokens = READER.parse(block(text) + "\nafter\n")

    assert [each.type for each in tokens] == [
        "fence",
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]
    assert tokens[0].content == visible(text) + "\n"


def test_a_table() -> None:
    """Words stand at the left and numbers at the right."""
    assert table(["name", "n"], [["a", "1"]], numbers=1) == (
        "| name | n |\n| --- | ---: |\n| a | 1 |\n"
    )
