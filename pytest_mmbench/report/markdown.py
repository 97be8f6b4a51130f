"""The report as Markdown, for GitHub and for review.

By GitHub Flavored Markdown 0.29, a backslash makes any ASCII punctuation literal, also the bar
between the cells of a table. GitHub looks for names, issues, addresses and :emoji: in text that is
rendered already, where no backslash helps: an invisible word joiner (U+2060) parts them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_mmbench import files
from pytest_mmbench.errors import one_line, visible_whole
from pytest_mmbench.gates import capability
from pytest_mmbench.records import Mark, Outcome, Role, is_root
from pytest_mmbench.report import text
from pytest_mmbench.report.causes import causes
from pytest_mmbench.report.document import ChangedAnswer, ModelAnswer, Release, Report
from pytest_mmbench.report.html import cards
from pytest_mmbench.report.tables import measure_text
from pytest_mmbench.report.tree import HeatmapRow, heatmap_rows

LONGEST: Final = 160
"""Characters of a text in a cell of a table."""
SENTENCE: Final = 600
"""Characters of a sentence."""
_JOINER: Final = "\N{WORD JOINER}"
_SIGNS: Final = re.compile(r"[\\`*_\[\]<>#|~$&]")
_LINKED: Final = re.compile(
    r"[@#]|\b(?:https?|ftp)(?=:)|\bwww(?=\.)|\bGH(?=-\d)|:(?=[a-z+-][\w+-]*:)", re.IGNORECASE
)


def plain(text: str, *, most: int = LONGEST) -> str:
    """The text in one line, in which nothing is markup, a mention, or a link.

    It must not begin a line: a number and a dot would begin a list there.
    """
    parted = _LINKED.sub(lambda match: match[0] + _JOINER, one_line(text, most=most))
    return _SIGNS.sub(lambda match: f"\\{match[0]}", parted)


def block(text: str) -> str:
    """The whole text as it is, in a fence that is longer than any in it."""
    whole = visible_whole(text)
    longest = max((len(run) for run in re.findall(r"`+", whole)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{whole}\n{fence}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """A table of cells that are Markdown already; the last `numbers` columns are aligned right."""
    words = len(titles) - numbers
    rules = ["---"] * words + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, rules, *rows)) + "\n"


_CHANGE: Final = ("change", "regressed", "fixed")
SIGNS: Final = {
    Release.SHIP: "✔",
    Release.STOP: "✖",
    Release.UNDECIDED: "◆",
    Release.NOTHING_GATED: "○",
}
DIMENSIONS: Final = ("dimension", "verdict", "accuracy", "correct", "required", *_CHANGE)
CHANGES: Final = ("", "sample", "question", "before", "now", "correct")
REASONS: Final = 40
ROWS: Final = 60
"""Dimensions of one table."""
ANSWERS: Final = 20
SHORTCUTS: Final = 10


def sections(report: Report) -> Iterator[str]:
    """Texts that each end with a line break, and can stand without those that follow."""
    yield _title(report)
    reasons = [
        f"**{each.reason.outcome}** ({each.reason.gate}): {plain(each.sentence, most=SENTENCE)}"
        for each in causes(report.decision)
    ]
    if reasons:
        lines = [*reasons[:REASONS], *_and_more(reasons, REASONS)]
        yield "".join(f"* {line}\n" for line in lines)
    yield from (f"> {plain(note, most=SENTENCE)}\n" for note in report.notes)
    rows = [row for row in heatmap_rows(report) if row.notable or row.place.depth == 0]
    if rows:
        yield "### Dimensions that failed or changed\n"
        yield _cut_table(DIMENSIONS, [_dimension(row) for row in rows], ROWS, numbers=6)
    if report.changed_answers:
        changed = cards.in_order(report.changed_answers)
        yield "### Changed answers\n"
        yield _cut_table(CHANGES, [_changed_answer(each) for each in changed], ANSWERS)
    yield from _vision(report)
    if report.shortcuts:
        samples = [(plain(each.sample), plain(each.question)) for each in report.shortcuts]
        yield "### Shortcut candidates\n"
        yield _cut_table(("correct without its picture", "question"), samples, SHORTCUTS)
    yield from _run(report)


def _title(report: Report) -> str:
    decision = report.decision
    baselines = [each.name for each in report.models if each.role is Role.BASELINE]
    models = " against ".join(plain(name) for name in (report.candidate.name, *baselines[:1]))
    facts = [f"{decision.passed} of {text.count_of(decision.gates, 'gate')} passed"]
    if report.changed_answers:
        near = sum(each.near_tie for each in report.changed_answers)
        changed = text.count_of(len(report.changed_answers) - near, "answer")
        facts.append(f"{changed} changed, and {text.count_of(near, 'near tie')}")
    return (
        f"## {SIGNS[decision.release]} {decision.release.shown}: {models}\n\n{'; '.join(facts)}.\n"
    )


def _cut_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], most: int, *, numbers: int = 0
) -> str:
    note = "".join(f"\n{more}\n" for more in _and_more(rows, most))
    return table(titles, rows[:most], numbers=numbers) + note


def _and_more(rows: Sequence[object], most: int) -> list[str]:
    more = len(rows) - most
    return [f"and {more:,} more"] if more > 0 else []


def _dimension(row: HeatmapRow) -> tuple[str, ...]:
    verdict = row.verdict.text if row.verdict else Outcome.NOT_GATED.value
    scored = changed = ("", "", "")
    if row.score is not None:
        score = row.score
        required = capability.threshold_text(score.threshold) if score.threshold else ""
        accuracy = text.score(score.accuracy, score.threshold)
        cut_short = f" ({score.cut_short} cut short)" if score.cut_short else ""
        scored = (accuracy, f"{score.correct}/{score.total}{cut_short}", required)
    if row.regression is not None:
        fell = row.regression
        difference = text.points(fell.difference, fell.total)
        span = text.points_span(fell.interval, fell.total)
        changed = (f"{difference} ({span})", str(fell.regressed), str(fell.fixed))
    return plain(row.place.path), verdict, *scored, *changed


def _changed_answer(changed: ChangedAnswer) -> tuple[str, ...]:
    return (
        cards.category(changed),
        plain(changed.sample),
        plain(changed.question),
        _answer_text(changed.baseline, changed),
        _answer_text(changed.candidate, changed),
        _option(changed.target, changed),
    )


def _answer_text(answer: ModelAnswer, changed: ChangedAnswer) -> str:
    if answer.correctness is Mark.UNPARSEABLE:
        return f"unparseable: {plain(answer.text, most=60)}"
    at = cards.place(answer.answer)
    chances = cards.probabilities(answer.option_logprobs)
    chance = f" ({100 * chances[at]:.0f} %)" if 0 <= at < len(chances) else ""
    credit = f" (credit {answer.partial:.2f})" if answer.partial else ""
    times = f" ({plain(cards.tally_of(answer.repeats))})" if answer.repeats else ""
    return _option(answer.answer, changed) + chance + credit + times


def _option(letter: str, changed: ChangedAnswer) -> str:
    at = cards.place(letter)
    option = changed.options[at] if 0 <= at < len(changed.options) else ""
    return f"{plain(letter)} {plain(option, most=60)}".strip()


def _vision(report: Report) -> Iterator[str]:
    """The root of each benchmark, and what did not pass."""
    verdicts = [one for one in report.vision if not one.outcome.is_quiet or is_root(one.dimension)]
    if verdicts:
        names = dict.fromkeys(measure.name for each in verdicts for measure in each.measures)
        rows = []
        for each in verdicts:
            values = {measure.name: measure_text(measure) for measure in each.measures}
            cells = [values.get(name, "") for name in names]
            rows.append((plain(each.dimension), each.outcome.value, *cells))
        titles = ("dimension", "verdict", *(plain(name) for name in names))
        yield "### Vision\n"
        yield _cut_table(titles, rows, ROWS, numbers=len(names))


def _run(report: Report) -> Iterator[str]:
    run = report.run
    spent = f"{text.count_of(run.new_answers, 'new answer')} in {text.duration(run.seconds)}"
    facts = [
        *(
            f"{each.benchmark} {each.revision}, {each.method}"
            f"{f', {each.scoring} scoring' if each.scoring else ''}"
            f"{f', {each.decoding}' if each.decoding else ''}"
            for each in report.benchmarks
        ),
        *(
            f"{each.role} {each.name} {each.fingerprint[:16]} {each.dtype} {each.device}"
            for each in report.models
        ),
        f"{spent}, {run.cached_answers:,} cached, seed {run.seed}, {run.started}",
        ", ".join(f"{name} {version}" for name, version in run.versions.items()),
    ]
    yield "### Run\n"
    yield "".join(f"* {plain(each.strip(), most=SENTENCE)}\n" for each in facts if each.strip())
    yield block("\n".join(run.reproduce))


LIMIT: Final = 1024 * 1024
"""Bytes that GitHub shows of a step's summary; a longer one is not shown at all."""
_CUT: Final = "\n*Cut here for want of room: the report in HTML or JSON has the rest.*\n"


def write_markdown(report: Report, path: Path, *, most: int = LIMIT) -> None:
    """Writes the report, whole or not at all."""
    files.write_report(path, markdown(report, most=most))


def write_step_summary(
    report: Report,
    environment: Mapping[str, str] = os.environ,
    *,
    markdown_file: Path | None = None,
) -> bool:
    """Adds the report to the summary of a step of GitHub Actions; says whether there was one.

    It takes the room that other commands of the step have left, and does not come twice where the
    summary itself is the `markdown_file`.
    """
    name = environment.get(files.SUMMARY, "")
    if not name or (markdown_file and markdown_file.resolve() == Path(name).resolve()):
        return False
    summary = Path(name)
    files.append_report(summary, markdown(report, most=LIMIT - files.size_of(summary)))
    return True


def markdown(report: Report, *, most: int = LIMIT) -> str:
    """The report in at most so many bytes of UTF-8; what finds no room is left out from the end."""
    parts = list(sections(report))
    whole = "\n".join(parts)
    if len(whole.encode()) <= most:
        return whole
    fitting, room = list[str](), most - len(_CUT.encode())
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            break
        fitting.append(part)
    return "\n".join(fitting) + _CUT if fitting else ""
