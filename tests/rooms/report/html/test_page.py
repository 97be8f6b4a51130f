"""The HTML report in a browser: what it shows, and what its script does."""

import json
from collections import Counter
from pathlib import Path

import pytest
from browser import Page
from reports import NASTY, candidate, changed_answer, model_answer, score, small_report

from pytest_mmbench.errors import visible
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.html import write_html
from pytest_mmbench.report.html.cards import CATEGORIES, category

pytestmark = pytest.mark.browser

STATUS = "document.querySelector('#changed [role=status]').textContent"
SHOWN = "[...document.querySelectorAll('#changed .card')].map((each) => each.innerText)"
COUNTS = "[...document.querySelectorAll('#filters output')].map((each) => Number(each.value))"


def no_picture(benchmark: str, sample: str) -> bytes:
    return b""


def choose(tab: Page, kind: str) -> None:
    at = CATEGORIES.index(kind)
    tab.run(f"document.querySelectorAll('#filters [name=kind]')[{at}].click()")


def fill(tab: Page, name: str, text: str) -> None:
    field = f"document.getElementById('filters').elements.{name}"
    event = "new Event('input', {bubbles: true})"
    tab.run(f"{field}.value = {json.dumps(text)}, {field}.dispatchEvent({event})")


def in_kind(invented: Report) -> Counter[str]:
    return Counter(category(each) for each in invented.changed_answers)


def test_nothing_is_asked_of_a_network(opened: Page, report: Path) -> None:
    """One file is read, and the console stays empty: no error, no violated policy."""
    opened.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")

    assert opened.files == [report.as_uri()]
    assert opened.requests == []
    assert opened.complaints == []


def test_the_checks_above_can_fail(tab: Page, tmp_path: Path) -> None:
    """A picture from elsewhere and a script of its own are seen by the tests' eyes."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<img src='https://f.example/x.png'><script>nothing()</script>", encoding="utf-8"
    )
    tab.open(bad)

    assert tab.requests == ["https://f.example/x.png"]
    assert any("nothing is not defined" in each for each in tab.complaints)


def test_the_verdict_is_seen_first(opened: Page) -> None:
    """Decision and reasons are in the window without scrolling."""
    inside = "document.querySelector('{}').getBoundingClientRect().bottom < innerHeight"

    assert opened.run("document.querySelector('h1').innerText") == "DO NOT SHIP"
    assert opened.run(inside.format("h1"))
    assert opened.run(inside.format(".reasons li:last-child"))


def test_all_changes_are_listed(opened: Page, invented: Report) -> None:
    """A page of cards is drawn, the gravest first, and every kind has its count."""
    counts = in_kind(invented)

    assert opened.run(COUNTS) == [counts[kind] for kind in CATEGORIES]
    assert opened.run(STATUS) == f"{len(invented.changed_answers)} answers, 1 to 24 shown"
    shown = opened.run(SHOWN)
    assert len(shown) == 24
    assert all("regressed" in each for each in shown)


def test_one_kind(opened: Page, invented: Report) -> None:
    """A click leaves one kind; a second kind is added; the counts of the others stay."""
    counts = in_kind(invented)
    before = opened.run(COUNTS)

    choose(opened, "fixed")
    assert opened.run(STATUS) == f"{counts['fixed']} answers"
    assert all("fixed" in each for each in opened.run(SHOWN))
    assert opened.run(COUNTS) == before

    choose(opened, "near tie")
    both = counts["fixed"] + counts["near tie"]
    assert opened.run(STATUS) == f"{both} answers"


def test_one_dimension(opened: Page, invented: Report) -> None:
    """A capability holds the axes below it, and the counts of kinds follow."""
    path = "shapes.fine-grained-perception"
    below = [each for each in invented.changed_answers if each.dimension.startswith(path)]

    fill(opened, "within", path)

    assert opened.run(STATUS).startswith(f"{len(below)} answers")
    assert sum(opened.run(COUNTS)) == len(below)
    assert opened.run("location.hash") == f"#answers?in={path}"


def test_text(opened: Page, invented: Report) -> None:
    """Questions, options and ids are searched, in small letters or capitals."""
    wanted = [each for each in invented.changed_answers if each.sample.startswith("counting-")]

    fill(opened, "find", "COUNTING-0")
    assert opened.run(STATUS).startswith(f"{len(wanted)} answer")

    fill(opened, "find", "no question has these words")
    assert opened.run(STATUS) == "0 answers"
    assert "Nothing fits" in opened.run("document.querySelector('#answers .none').innerText")

    opened.run("document.querySelector('#filters [type=reset]').click()")
    opened.wait(f"{STATUS}.startsWith('{len(invented.changed_answers)} answers')")


def test_a_way_from_the_table_to_the_answers(opened: Page, invented: Report) -> None:
    """The number of changed answers of a dimension leads to them, and they can be linked to."""
    path = "shapes.fine-grained-perception.counting"
    below = [each for each in invented.changed_answers if each.dimension == path]
    link = f"document.querySelector('tr[data-path=\"{path}\"] a')"
    counted = opened.run(f"parseInt({link}.textContent)")

    opened.run(f"{link}.click()")
    opened.wait(f"{STATUS}.startsWith('{len(below)} answers')")

    assert counted == sum(not each.near_tie for each in below)
    assert opened.run("document.activeElement.id") == "answers-title"
    opened.reload()
    assert opened.run(STATUS).startswith(f"{len(below)} answers")


def test_the_next_page(opened: Page, invented: Report) -> None:
    """Pages go forth and back, and end."""
    turn = "[...document.querySelectorAll('#answers .turn button')].find((each) => {})"
    total = len(invented.changed_answers)

    opened.run(turn.format("each.textContent === 'Next'") + ".click()")
    assert opened.run(STATUS) == f"{total} answers, 25 to {min(48, total)} shown"
    opened.run(turn.format("each.textContent === 'Previous'") + ".click()")
    assert opened.run(STATUS) == f"{total} answers, 1 to 24 shown"
    assert opened.run(turn.format("each.textContent === 'Previous'") + ".disabled")


def test_a_card_is_opened_by_keyboard(opened: Page, invented: Report) -> None:
    """It shows every option with its probability before and now, and the command for more."""
    opened.run("document.querySelector('#changed summary').focus()")
    opened.press("Enter", code=13, text="\r")
    opened.wait("document.querySelector('#changed .card .inner') !== null")

    first = opened.run("document.querySelector('#changed .card .inner').innerText")
    id = opened.run("document.querySelector('#changed .card .tag').lastChild.textContent")
    (changed,) = [each for each in invented.changed_answers if each.sample == id]
    assert all(option in first for option in changed.options)
    assert first.count("%") == 2 * len(changed.options)
    assert f"mmbench show shapes {id} --pictures seen" in first


def test_pictures(opened: Page) -> None:
    """Each card on the page has its picture."""
    opened.wait("[...document.images].every((each) => each.complete)")

    widths = opened.run("[...document.images].map((each) => each.naturalWidth)")
    assert len(widths) > 24
    assert set(widths) == {128}


def test_the_tree_folds(opened: Page) -> None:
    """A capability hides its axes, and says so to those who do not see."""
    row = "document.querySelector('.heat tr[data-path=\"shapes.math{}\"]')"
    fold = f"{row.format('')}.querySelector('button')"

    opened.run(f"{fold}.click()")
    assert opened.run(f"{row.format('.addition')}.hidden")
    assert opened.run(f"{fold}.getAttribute('aria-expanded')") == "false"
    opened.run(f"{fold}.click()")
    assert not opened.run(f"{row.format('.addition')}.hidden")


def test_the_first_key_skips_to_the_verdict(opened: Page) -> None:
    """Whoever uses a keyboard need not walk through the menu."""
    opened.press("Tab", code=9)
    assert opened.run("document.activeElement.className") == "skip"
    opened.press("Enter", code=13, text="\r")
    opened.wait("document.activeElement.id === 'main'")


def test_text_from_outside_stays_text(tab: Page, tmp_path: Path) -> None:
    """What tries to become markup is shown as it was given; nothing of it runs."""
    nasty = [visible(each) for each in NASTY]
    answers = [
        changed_answer(
            f"s{at}",
            question=each,
            options=(each, "b"),
            candidate=model_answer("", text=each),
            dimension=each,
        )
        for at, each in enumerate(NASTY)
    ]
    scored = candidate(*(score(each, 1, 2) for each in dict.fromkeys(NASTY)), name=NASTY[0])
    report = small_report(models=(scored,), changed_answers=tuple(answers), notes=NASTY)
    write_html(report, tmp_path / "nasty.html", no_picture)
    tab.size(1280, 900)
    tab.open(tmp_path / "nasty.html")
    tab.run("document.querySelectorAll('#changed summary').forEach((each) => each.click())")
    tab.wait(f"document.querySelectorAll('#changed pre').length === {2 * len(NASTY)}")

    questions = "[...document.querySelectorAll('.question')].map((each) => each.textContent)"
    assert Counter(tab.run(questions)) == Counter(nasty)
    assert tab.run("[...document.querySelectorAll('#changed .answer-text')].length") == len(NASTY)
    assert tab.run("typeof pwned") == "undefined"
    assert (tab.requests, tab.complaints) == ([], [])


def test_thousands_of_changes(tab: Page, tmp_path: Path) -> None:
    """However many there are, a page of them is drawn."""
    kinds = list(FlipKind)
    many = tuple(
        changed_answer(f"s{at}", kinds[at % len(kinds)], near_tie=at % 8 == 7)
        for at in range(5_000)
    )
    near = sum(each.near_tie for each in many)
    write_html(small_report(changed_answers=many), tmp_path / "many.html", no_picture)
    tab.size(1280, 900)
    tab.open(tmp_path / "many.html")

    assert tab.run(STATUS) == "5,000 answers, 1 to 24 shown"
    assert tab.run("document.querySelectorAll('*').length") < 2_000
    choose(tab, "near tie")
    assert tab.run(STATUS) == f"{near} answers, 1 to 24 shown"
