"""The parts of the Markdown report, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_mmbench import gates
from pytest_mmbench.records import Mark, Outcome
from pytest_mmbench.report import cards, figures, heatmap
from pytest_mmbench.report.document import Document, Flip, Kind, Role, Said
from pytest_mmbench.report.judgements import Change, Decision, Finding, Sight, Standing, measured
from pytest_mmbench.report.prose import SENTENCE, block, plain, table
from pytest_mmbench.report.ruling import GRAVEST

SIGNS: Final = {
    Decision.SHIP: "✔ SHIP",
    Decision.STOP: "✖ DO NOT SHIP",
    Decision.INCONCLUSIVE: "◆ INCONCLUSIVE",
    Decision.NOTHING: "○ NOTHING GATED",
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


def chapters(document: Document) -> Iterator[str]:
    """Texts that each end with a line break, and can stand without those that follow."""
    yield _title(document)
    if document.ruling.reasons:
        yield "".join(f"* {line}\n" for line in _few(_reasons(document), REASONS))
    yield from (f"> {plain(note, most=SENTENCE)}\n" for note in document.notes)
    rows = [row for row in heatmap.rows(document) if row.notable or row.place.depth == 0]
    if rows:
        yield "### Dimensions that failed or moved\n"
        yield _table(DIMENSIONS, [_dimension(row) for row in rows], ROWS, numbers=6)
    if document.flips:
        yield "### Answers that changed\n"
        yield _table(CHANGES, [_flip(each) for each in cards.in_order(document.flips)], ANSWERS)
    yield from _vision(document)
    if document.shortcuts:
        yield "### Shortcut candidates\n"
        named = [(plain(each.sample), plain(each.question)) for each in document.shortcuts]
        yield _table(("right without its picture", "question"), named, CANDIDATES)
    yield from _run(document)


def _title(document: Document) -> str:
    ruling = document.ruling
    against = [each.name for each in document.checkpoints if each.role is Role.BASELINE]
    whom = " against ".join(plain(name) for name in (document.candidate.name, *against[:1]))
    facts = [f"{ruling.passed} of {figures.counted(ruling.gates, 'gate')} passed"]
    if document.flips:
        near = sum(flip.kind is Kind.NEAR_TIE for flip in document.flips)
        changed = figures.counted(len(document.flips) - near, "answer")
        facts.append(f"{changed} changed, and {figures.counted(near, 'near tie')}")
    return f"## {SIGNS[ruling.decision]}: {whom}\n\n{'; '.join(facts)}.\n"


def _reasons(document: Document) -> list[str]:
    def told(finding: Finding) -> str:
        because = plain(finding.because, most=SENTENCE)
        return f"**{finding.outcome}** ({finding.gate}): {because}"

    return [told(each) for each in document.ruling.reasons]


def _few(lines: Sequence[str], most: int) -> list[str]:
    more = len(lines) - most
    return [*lines[:most], *([f"and {more:,} more"] if more > 0 else [])]


def _table(
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
        min(outcomes, key=GRAVEST.index, default=Outcome.MEASURED),
        *next(told, nothing),
        *next(moved, nothing),
    )


def _scored(score: Standing) -> tuple[str, str, str]:
    needs = gates.shown(score.threshold) if score.threshold else ""
    return figures.score(score.accuracy, score.threshold), f"{score.right}/{score.asked}", needs


def _moved(change: Change) -> tuple[str, str, str]:
    difference = figures.points(change.difference, change.asked)
    span = figures.points_span(change.interval, change.asked)
    return f"{difference} ({span})", str(change.lost), str(change.gained)


def _flip(flip: Flip) -> tuple[str, ...]:
    return (
        flip.kind,
        plain(flip.sample),
        plain(flip.question),
        _said(flip.old, flip),
        _said(flip.new, flip),
        _option(flip.target, flip),
    )


def _said(said: Said, flip: Flip) -> str:
    if said.mark is Mark.UNREADABLE:
        return f"unreadable: {plain(said.text, most=60)}"
    at = cards.place(said.chosen)
    chances = cards.probabilities(said.logs)
    chance = f" ({100 * chances[at]:.0f} %)" if 0 <= at < len(chances) else ""
    return _option(said.chosen, flip) + chance


def _option(letter: str, flip: Flip) -> str:
    at = cards.place(letter)
    text = flip.options[at] if 0 <= at < len(flip.options) else ""
    return f"{plain(letter)} {plain(text, most=60)}".strip()


def _vision(document: Document) -> Iterator[str]:
    """The whole of each benchmark, and what failed."""
    fine = {Outcome.PASS, Outcome.MEASURED}
    shown = [
        each for each in document.sights if each.outcome not in fine or "." not in each.dimension
    ]
    if shown:
        names = dict.fromkeys(measure.name for each in shown for measure in each.measures)
        rows = [_sight(each, list(names)) for each in shown]
        titles = ("dimension", "verdict", *(plain(name) for name in names))
        yield "### Does it look?\n"
        yield _table(titles, rows, ROWS, numbers=len(names))


def _sight(sight: Sight, names: Sequence[str]) -> tuple[str, ...]:
    values = {each.name: measured(each) for each in sight.measures}
    return plain(sight.dimension), sight.outcome, *(values.get(name, "") for name in names)


def _run(document: Document) -> Iterator[str]:
    run = document.run
    spent = f"{figures.counted(run.answers, 'answer')} in {figures.duration(run.seconds)}"
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
