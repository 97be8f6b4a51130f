import json
import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
    snapshot,
    stopped,
)

from pytest_mmbench.errors import MMBenchError, one_line, visible
from pytest_mmbench.gates.verdicts import ConditionScore, FlipKind, Measure, VisionVerdict
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Release, Report
from pytest_mmbench.report.html import PAGE, render_html, write_html
from pytest_mmbench.report.html.cards import script_safe_json

CODE = ("script", "style")
ELEMENTS = {
    *("html", "head", "meta", "title", "link", "style", "script", "body", "noscript"),
    *("header", "nav", "main", "section", "footer", "div", "h1", "h2", "h3", "p", "ul", "li"),
    *("dl", "dt", "dd", "a", "b", "small", "span", "time", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("form", "fieldset", "legend", "label", "input", "output", "select", "option", "button"),
    *("svg", "symbol", "use", "g", "path", "circle", "line", "text"),
}
"""Everything that the templates are made of."""


def pictures(benchmark: str, sample: str) -> bytes:
    return f"{benchmark}/{sample}".encode(errors="replace")


class Read(HTMLParser):
    """A page as a browser takes it apart: its elements, its text, and what stands in its blocks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.blocks: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in CODE:
            self._inside = dict(attrs).get("id") or tag
            self.blocks.append((self._inside, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in CODE:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.blocks[-1] = (self._inside, self.blocks[-1][1] + data)
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def block(self, id: str) -> str:
        (only,) = [text for name, text in self.blocks if name == id]
        return only

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.blocks]


def page(report: Report, **room: int) -> Read:
    return Read(render_html(report, pictures, **room))


FULL = small_report(
    decision=stopped("math is below"),
    models=(candidate(score("shapes", 30, 40, "0.6"), score("shapes.math", 9, 40, "0.6")),),
    regression=(regression("shapes", margin="0.02"), regression("shapes.math", -0.2, Outcome.FAIL)),
    changed_answers=(changed_answer("one"), changed_answer("two", FlipKind.FIXED)),
    shortcuts=(shortcut("three"),),
)


def test_the_verdict_comes_first() -> None:
    """The decision is the only heading of the first rank, and the title says it too."""
    html = render_html(FULL, pictures)

    assert re.search(r"<h1[^>]*>.*<span>DO NOT SHIP</span></h1>", html)
    assert "<title>DO NOT SHIP: new</title>" in html
    assert html.index("DO NOT SHIP</span>") < html.index("math is below") < html.index("<table")


@pytest.mark.parametrize(
    ("release", "words"),
    [
        (Release.SHIP, "SHIP"),
        (Release.UNDECIDED, "UNDECIDED"),
        (Release.NOTHING_GATED, "NOTHING GATED"),
    ],
)
def test_other_decisions(release: Release, words: str) -> None:
    """Each has its words, and a run that gates nothing says so in a sentence."""
    html = page(small_report(decision=Decision(release=release, reasons=(), gates=0, passed=0)))

    assert words in html.text
    assert ("nothing was decided" in html.text) is (release is Release.NOTHING_GATED)


def test_only_what_there_is_has_a_section() -> None:
    """Without a baseline there is no comparison, and nothing leads to it."""
    links = {value for _, name, value in page(small_report()).attributes if name == "href"}
    every = {value for _, name, value in page(FULL).attributes if name == "href"}

    assert {"#verdict", "#capabilities", "#run"} <= links
    assert not {"#change", "#answers", "#vision", "#snapshot", "#shortcuts"} & links
    assert {"#change", "#answers", "#shortcuts"} <= every


def test_every_link_leads_somewhere() -> None:
    """Links stay in the file, and their targets exist."""
    html = page(FULL)
    ids = {value for _, name, value in html.attributes if name == "id"}
    links = [value for _, name, value in html.attributes if name == "href" and value != "data:,"]

    assert {value.removeprefix("#").partition("?")[0] for value in links} <= ids
    assert all(value.startswith("#") for value in links)
    assert len(ids) == len([value for _, name, value in html.attributes if name == "id"])


def test_the_policy() -> None:
    """Nothing may be loaded, and no script or style may run but those that the page has."""
    html = page(FULL)
    (policy,) = [each for _, _, each in html.attributes if each.startswith("default-src")]
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    own = {
        b64encode(sha256(text.encode()).digest()).decode()
        for name, text in html.blocks
        if name in CODE
    }

    assert policy.startswith("default-src 'none'; ")
    assert allowed == own
    assert len(own) == 3
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_nothing_is_fetched() -> None:
    """No element has an address outside of the file."""
    fetched = {
        "src",
        "srcset",
        "poster",
        "action",
        "formaction",
        "background",
        "ping",
        "xlink:href",
    }

    assert not {name for _, name, _ in page(FULL).attributes} & fetched
    assert page(FULL).tags.keys() <= ELEMENTS


def test_the_script_makes_no_markup_of_text() -> None:
    """What could turn data into elements is not used anywhere."""
    sinks = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|\.html\(|DOMParser"

    for script in PAGE.glob("*.js"):
        assert not re.search(sinks, script.read_text(encoding="utf-8"))


@settings(max_examples=20)  # whole pages are made
@given(reports())
def test_no_element_comes_from_data(report: Report) -> None:
    """Whatever stands in a report: no script, handler, comment or attribute of its own."""
    text = render_html(report, pictures)
    html = Read(text)
    attributes = {name for _, name, _ in html.attributes}

    assert html.names[:4] == ["style", "script", "data", "script"]
    assert all(name.startswith("pictures-") for name in html.names[4:])
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert html.tags.keys() <= ELEMENTS
    assert html.comments == []
    (name,) = re.findall(r'<p class="whom">\s*<b>(.*?)</b>', text, re.DOTALL)
    assert unescape(name) == visible(report.candidate.name)


@settings(max_examples=20)  # whole pages are made
@given(reports())
def test_the_data_are_read_back(report: Report) -> None:
    """Every card is in the block of data, legible and otherwise as it was given."""
    data = json.loads(page(report).block("data"))

    questions = Counter(card["question"] for card in data["changed"])
    assert questions == Counter(visible(each.question) for each in report.changed_answers)
    assert Counter(card["id"] for card in data["shortcuts"]) == Counter(
        one_line(each.sample, most=300) for each in report.shortcuts
    )
    assert all(0 <= card["leaf"] < len(data["leaves"]) for card in data["changed"])


@given(st.recursive(st.one_of(st.text(), st.sampled_from(NASTY)), st.lists))
def test_a_block_is_never_ended_by_its_data(data: object) -> None:
    """There is no sign of markup in it, and it is the same data."""
    text = script_safe_json(data)

    assert not set("<>&") & set(text)
    assert json.loads(text) == data


def test_a_long_answer() -> None:
    """A megabyte does not make the page a megabyte longer."""
    short = render_html(small_report(changed_answers=(changed_answer(),)), pictures)
    long = render_html(
        small_report(
            changed_answers=(
                changed_answer(candidate=model_answer("", text="</script>" * 120_000)),
            )
        ),
        pictures,
    )

    assert len(long) < len(short) + 20_000
    assert "more characters)" in Read(long).block("data")


def test_pictures_are_in_blocks() -> None:
    """Each card knows the number of its picture; several cards of a sample share one."""
    html = page(FULL)
    data = json.loads(html.block("data"))
    block = json.loads(html.block("pictures-0"))

    cards = [*data["changed"], *data["shortcuts"]]
    assert [card["picture"] for card in cards] == [0, 1, 2]
    assert block[1] == "data:image/webp;base64," + b64encode(b"shapes/two").decode()


def test_the_budget_of_pictures() -> None:
    """A card without one says so, and the page counts them."""
    html = page(FULL, picture_bytes=50)
    data = json.loads(html.block("data"))

    assert "pictures-0" in html.names
    assert [card.get("picture") for card in data["changed"]] == [0, None]
    assert "2 pictures found no room" in " ".join(html.text.split())


def test_the_budget_of_texts() -> None:
    """The gravest changes are kept, and the rest is counted."""
    many = tuple(changed_answer(f"s{at}", near_tie=True) for at in range(100))
    html = page(small_report(changed_answers=(*many, changed_answer("grave"))), text_bytes=2_000)
    data = json.loads(html.block("data"))

    assert data["changed"][0]["id"] == "grave"
    left_out = 101 - len(data["changed"])
    assert 80 < left_out < 101
    assert f"{left_out} changed answers found no room" in " ".join(html.text.split())


def test_a_vision_verdict_is_shown_whole() -> None:
    """Its measures, in columns or behind its verdict, and what its case warns of."""
    verdict = VisionVerdict(
        dimension="shapes",
        outcome=Outcome.PASS,
        explanation="the picture helps",
        conditions=(ConditionScore(name="image", accuracy=0.9, total=40),),
        chance=0.25,
        measures=(Measure(name="gain", value=0.5), Measure(name="insensitivity", value=0.125)),
        warnings=("text-only accuracy above chance",),
    )

    text = " ".join(page(small_report(vision=(verdict,))).text.split())

    assert "pass the picture helps" in text or "passthe picture helps" in text
    assert "text-only accuracy above chance" in text
    assert "insensitivity0.125" in text


def test_a_snapshot_has_a_row_for_each_leaf() -> None:
    """With its counts and its verdict."""
    verdicts = (snapshot("shapes.a", Outcome.FAIL, regressed=3, near_ties=2), snapshot("shapes.b"))

    html = page(small_report(snapshots=verdicts))

    rows = " ".join(html.text.split()).partition("Near ties")[2]
    assert "shapes.a403002fail" in rows
    assert "shapes.b400000pass" in rows
    assert "New" not in html.text


def test_samples_that_a_snapshot_does_not_have() -> None:
    """They have a column where there are any."""
    verdict = replace(snapshot("shapes.a", Outcome.FAIL), missing=7)

    text = " ".join(page(small_report(snapshots=(verdict,))).text.split())

    assert "Near tiesNewVerdict shapes.a4000007fail" in text


def test_many_reasons_are_folded() -> None:
    """Half a dozen are seen at once, and none is lost."""
    html = render_html(
        small_report(decision=stopped(*(f"reason-{at}-" for at in range(40)))), pictures
    )

    assert [html.count(f"reason-{at}-") for at in range(40)] == [1] * 40
    assert "34 more" in html


def test_a_date_that_is_none() -> None:
    """It is shown as it was written."""
    report = small_report(run=replace(small_report().run, started="yesterday"))

    assert "yesterday" in page(report).text


def test_a_file(tmp_path: Path) -> None:
    """It is written whole; where it cannot be, the error says so."""
    write_html(FULL, tmp_path / "new" / "report.html", pictures)

    assert (tmp_path / "new" / "report.html").read_text(encoding="utf-8") == render_html(
        FULL, pictures
    )
    with pytest.raises(MMBenchError, match="cannot be written"):
        write_html(FULL, tmp_path, pictures)


def test_the_wheel_has_the_page() -> None:
    """Templates, style and script lie inside the package and are tracked, so that they ship."""
    kinds = Counter(path.suffix for path in PAGE.iterdir())

    assert set(kinds) == {".css", ".jinja", ".js"}
    assert PAGE.parent.name == "html"
