"""Text of models and data files inside Markdown, where it must stay text.

Follows GitHub Flavored Markdown 0.29: a backslash makes any ASCII punctuation literal, also the bar
between the cells of a table. GitHub finds names, issues, addresses and :emoji: in text that
has been rendered already, where no backslash helps: an invisible word joiner (U+2060) parts them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_mmbench import files
from pytest_mmbench.gates import capability
from pytest_mmbench.records import Mark, Outcome
from pytest_mmbench.report import text
from pytest_mmbench.report.decision import BY_SEVERITY
from pytest_mmbench.report.document import (
    AnswerChange,
    Change,
    Flip,
    ModelAnswer,
    ModelRole,
    Reason,
    ReleaseDecision,
    Report,
    Sight,
    Standing,
    measured,
)
from pytest_mmbench.report.html import cards, heatmap
from pytest_mmbench.report.text import one_line, visible_whole

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
    parted = _LINKED.sub(lambda found: found[0] + _JOINER, one_line(text, most=most))
    return _SIGNS.sub(lambda found: f"\\{found[0]}", parted)


def block(text: str) -> str:
    """The whole text as it is, in a fence that is longer than any in it."""
    shown = visible_whole(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """A table of cells that are Markdown already; the last `numbers` columns are aligned right."""
    words = len(titles) - numbers
    rules = ["---"] * words + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, rules, *rows)) + "\n"


SIGNS: Final = {
    ReleaseDecision.SHIP: "✔ SHIP",
    ReleaseDecision.STOP: "✖ DO NOT SHIP",
    ReleaseDecision.INCONCLUSIVE: "◆ INCONCLUSIVE",
    ReleaseDecision.NOTHING: "○ NOTHING GATED",
}


DIMENSIONS: Final = (
    "dimension",
    "verdict",
    "accuracy",
    "right",
    "needs",
    "change",
    "lost",
    "gained",
)


CHANGES: Final = ("", "sample", "question", "before", "now", "right")


REASONS: Final = 40


ROWS: Final = 60
"""Dimensions of one table."""


ANSWERS: Final = 20


CANDIDATES: Final = 10


def sections(document: Report) -> Iterator[str]:
    """Texts that each end with a line break, and can stand without those that follow."""
    yield _title(document)
    if document.ruling.reasons:
        yield "".join(f"* {line}\n" for line in _few(_reasons(document), REASONS))
    yield from (f"> {plain(note, most=SENTENCE)}\n" for note in document.notes)
    rows = [row for row in heatmap.rows(document) if row.notable or row.place.depth == 0]
    if rows:
        yield "### Dimensions that failed or moved\n"
        yield _score_table(DIMENSIONS, [_dimension(row) for row in rows], ROWS, numbers=6)
    if document.flips:
        yield "### Answers that changed\n"
        yield _score_table(
            CHANGES, [_changed_answer(each) for each in cards.in_order(document.flips)], ANSWERS
        )
    yield from _vision(document)
    if document.shortcuts:
        yield "### Shortcut candidates\n"
        named = [(plain(each.sample), plain(each.question)) for each in document.shortcuts]
        yield _score_table(("right without its picture", "question"), named, CANDIDATES)
    yield from _run(document)


def _title(document: Report) -> str:
    ruling = document.ruling
    against = [each.name for each in document.checkpoints if each.role is ModelRole.BASELINE]
    whom = " against ".join(plain(name) for name in (document.candidate.name, *against[:1]))
    facts = [f"{ruling.passed} of {text.count_of(ruling.gates, 'gate')} passed"]
    if document.flips:
        near = sum(flip.kind is AnswerChange.NEAR_TIE for flip in document.flips)
        changed = text.count_of(len(document.flips) - near, "answer")
        facts.append(f"{changed} changed, and {text.count_of(near, 'near tie')}")
    return f"## {SIGNS[ruling.decision]}: {whom}\n\n{'; '.join(facts)}.\n"


def _reasons(document: Report) -> list[str]:
    def told(finding: Reason) -> str:
        because = plain(finding.because, most=SENTENCE)
        return f"**{finding.outcome}** ({finding.gate}): {because}"

    return [told(each) for each in document.ruling.reasons]


def _few(lines: Sequence[str], most: int) -> list[str]:
    more = len(lines) - most
    return [*lines[:most], *([f"and {more:,} more"] if more > 0 else [])]


def _score_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], most: int, *, numbers: int = 0
) -> str:
    more = len(rows) - most
    note = f"\nand {more:,} more\n" if more > 0 else ""
    return table(titles, rows[:most], numbers=numbers) + note


# Rows.


def _dimension(row: heatmap.Row) -> tuple[str, ...]:
    outcomes = [*(each.outcome for each in row.asked), *(each.outcome for each in row.changes)]
    told = (_scored(each) for each in row.asked)
    moved = (_moved(each) for each in row.changes)
    nothing = ("", "", "")
    return (
        plain(row.place.path),
        min(outcomes, key=BY_SEVERITY.index, default=Outcome.NOT_GATED),
        *next(told, nothing),
        *next(moved, nothing),
    )


def _scored(score: Standing) -> tuple[str, str, str]:
    needs = capability.shown(score.threshold) if score.threshold else ""
    return text.score(score.accuracy, score.threshold), f"{score.right}/{score.asked}", needs


def _moved(change: Change) -> tuple[str, str, str]:
    difference = text.points(change.difference, change.asked)
    span = text.points_span(change.interval, change.asked)
    return f"{difference} ({span})", str(change.lost), str(change.gained)


def _changed_answer(flip: Flip) -> tuple[str, ...]:
    return (
        flip.kind,
        plain(flip.sample),
        plain(flip.question),
        _answer_text(flip.old, flip),
        _answer_text(flip.new, flip),
        _option(flip.target, flip),
    )


def _answer_text(said: ModelAnswer, flip: Flip) -> str:
    if said.mark is Mark.UNPARSEABLE:
        return f"unreadable: {plain(said.text, most=60)}"
    at = cards.place(said.chosen)
    chances = cards.probabilities(said.logs)
    chance = f" ({100 * chances[at]:.0f} %)" if 0 <= at < len(chances) else ""
    return _option(said.chosen, flip) + chance


def _option(letter: str, flip: Flip) -> str:
    at = cards.place(letter)
    text = flip.options[at] if 0 <= at < len(flip.options) else ""
    return f"{plain(letter)} {plain(text, most=60)}".strip()


def _vision(document: Report) -> Iterator[str]:
    """The whole of each benchmark, and what failed."""
    fine = {Outcome.PASS, Outcome.NOT_GATED}
    shown = [
        each for each in document.sights if each.outcome not in fine or "." not in each.dimension
    ]
    if shown:
        names = dict.fromkeys(measure.name for each in shown for measure in each.measures)
        rows = [_vision_row(each, list(names)) for each in shown]
        titles = ("dimension", "verdict", *(plain(name) for name in names))
        yield "### Does it look?\n"
        yield _score_table(titles, rows, ROWS, numbers=len(names))


def _vision_row(sight: Sight, names: Sequence[str]) -> tuple[str, ...]:
    values = {each.name: measured(each) for each in sight.measures}
    return plain(sight.dimension), sight.outcome, *(values.get(name, "") for name in names)


def _run(document: Report) -> Iterator[str]:
    run = document.run
    spent = f"{text.count_of(run.answers, 'answer')} in {text.duration(run.seconds)}"
    facts = [
        *(
            f"{each.benchmark} {each.revision}, {each.method} {each.scoring}"
            for each in document.asked
        ),
        *(
            f"{each.role} {each.name} {each.fingerprint[:16]} {each.dtype} {each.device}"
            for each in document.checkpoints
        ),
        f"{spent}, {run.kept:,} kept, seed {run.seed}, {run.started}",
        ", ".join(f"{name} {version}" for name, version in run.versions.items()),
    ]
    yield "### The run\n"
    yield "".join(f"* {plain(each.strip(), most=SENTENCE)}\n" for each in facts if each.strip())
    yield block("\n".join(run.again))


LIMIT: Final = 1024 * 1024
"""Bytes that GitHub shows of a step's summary; a longer one is not shown at all."""


_CUT: Final = "\n*Cut here for want of room: the report in HTML or JSON has the rest.*\n"


def write_markdown(document: Report, path: Path, *, most: int = LIMIT) -> None:
    """Writes the report, whole or not at all.

    Raises:
        MMBenchError: the file cannot be written.
    """
    files.write_report(path, markdown(document, most=most))


def write_step_summary(
    document: Report,
    environment: Mapping[str, str] = os.environ,
    *,
    written: Path | None = None,
) -> bool:
    """Adds the report to the summary of a step of GitHub Actions; says whether there was one.

    It takes the room that other commands of the step have left, and does not come twice where
    the summary itself was the file to be `written`.

    Raises:
        MMBenchError: the file that GITHUB_STEP_SUMMARY names cannot be written.
    """
    named = environment.get(files.SUMMARY, "")
    if not named or (written and written.resolve() == Path(named).resolve()):
        return False
    summary = Path(named)
    files.append_report(summary, markdown(document, most=LIMIT - files.size_of(summary)))
    return True


def markdown(document: Report, *, most: int = LIMIT) -> str:
    """The report in at most so many bytes of UTF-8; what finds no room is left out from the end."""
    parts = list(sections(document))
    whole = "\n".join(parts)
    if len(whole.encode()) <= most:
        return whole
    kept, room = list[str](), most - len(_CUT.encode())
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            break
        kept.append(part)
    return "\n".join(kept) + _CUT if kept else ""
