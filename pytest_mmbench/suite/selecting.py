"""From the settings to the benchmarks of a run, and the samples of each that are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_mmbench import exclusions, registry
from pytest_mmbench.ablations import condition
from pytest_mmbench.benchmarks.wrapped import Circular, Fewer, counts_samples
from pytest_mmbench.config import Chosen, Settings, check_thresholds
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.exclusions import Exclusion
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import BadRows
from pytest_mmbench.selected import Selected, limited

SHOWN: Final = 3
"""Dimensions without a threshold that an error names."""


def select(settings: Settings) -> list[Selected]:
    """The benchmarks of this run, and the samples of each that a limit leaves.

    The limit is shared out over the whole benchmark, whichever cases are selected: so a dimension
    keeps its samples, and its verdict, under `-k`.

    Raises:
        SettingsError: an option, a method or a threshold does not fit the benchmark.
        DataError: the benchmark's data cannot be read.
    """
    for name in settings.vision.conditions:
        condition(name)
    lists = [each for path in settings.exclude.values() for each in exclusions.read(path)]
    selected = [_selected(chosen, settings, lists) for chosen in settings.benchmarks]
    nodes = [node for each in selected for node in each.dimensions]
    check_thresholds(settings.thresholds, nodes, source=settings.source)
    for each in selected:
        _check_limit(each, settings)
    if settings.strict:
        _check_gated([node.path for node in nodes], settings)
    return selected


def check_gated_run(settings: Settings) -> None:
    """Accepts thresholds of benchmarks that run, or that only this run leaves out.

    A threshold of any other benchmark would be judged in no run, and would look like a gate.

    Raises:
        SettingsError: there is one, or one is left out under `strict`.
    """
    running = {*settings.configured, *(each.name for each in settings.benchmarks)}
    for path, threshold in settings.thresholds.items():
        name = path.partition(".")[0]
        if name not in running:
            raise SettingsError(
                f"a threshold is set for {name!r}, which does not run.",
                asked_for_by=f'{settings.source} [thresholds] "{path}" = {threshold.at_least}',
                **near(name, running, label="benchmarks"),
                what_to_do=f"add [benchmarks.{name}], or take the line out",
            )
    if settings.strict and (told := left_out(settings)):
        raise SettingsError(
            f"{told}.",
            asked_for_by=settings.origins["strict"],
            what_to_do="run every benchmark that has a threshold, or add --no-mm-strict",
        )


def left_out(settings: Settings) -> str:
    """Whose thresholds this run does not judge, and what leaves them out; empty if none."""
    chosen = {each.name for each in settings.benchmarks}
    names = dict.fromkeys(path.partition(".")[0] for path in settings.thresholds)
    missing = [name for name in names if name not in chosen]
    if not missing:
        return ""
    them = "it" if len(missing) == 1 else "them"
    place = settings.origins["benchmark"]
    return f"thresholds of {', '.join(missing)} are not judged: {place} leaves {them} out"


def _selected(chosen: Chosen, settings: Settings, lists: Sequence[Exclusion]) -> Selected:
    skip = {"bad-rows": "skip"} if settings.bad_rows is BadRows.SKIP else {}
    benchmark = registry.benchmark(chosen.name, {**chosen.options, **skip})
    benchmark = _less(benchmark, lists, settings)
    if settings.circular and counts_samples(benchmark):
        benchmark = Circular(benchmark)
    nodes = benchmark.dimensions()
    return Selected(
        benchmark=benchmark,
        method=chosen.method_among(benchmark.methods()),
        dimensions=nodes,
        ids=limited(benchmark, nodes, limit=settings.limit, seed=settings.seed),
    )


def _less(benchmark: Benchmark, lists: Sequence[Exclusion], settings: Settings) -> Benchmark:
    """The benchmark without what is left out of it.

    Raises:
        SettingsError: a list was made for other data of the benchmark.
    """
    ours = [each for each in lists if each.benchmark == benchmark.name]
    for each in ours:
        if each.revision != benchmark.revision:
            raise SettingsError(
                f"the list of samples to leave out was made for another {benchmark.name}.",
                asked_for_by=settings.origins["exclude"],
                made_for=each.revision,
                now=benchmark.revision,
                what_to_do="make the list anew from these data",
            )
    excluded = {id for each in ours for id in each.samples}
    return Fewer(benchmark, excluded) if excluded else benchmark


def _check_limit(selected: Selected, settings: Settings) -> None:
    empty = [node.path for node in selected.dimensions if not selected.asked(node)]
    gated = [path for path in empty if path in settings.thresholds]
    if gated:
        raise SettingsError(
            f"a limit of {settings.limit} leaves no sample of {gated[0]}, which has a threshold.",
            asked_for_by=settings.origins["limit"],
            what_to_do=f"ask for at least {len(selected.leaves)} samples, one for each leaf",
        )


def _check_gated(paths: Sequence[str], settings: Settings) -> None:
    ungated = [path for path in paths if path not in settings.thresholds]
    if ungated:
        more = f" and {len(ungated) - SHOWN} more" if len(ungated) > SHOWN else ""
        raise SettingsError(
            f"{len(ungated)} of {len(paths)} dimensions have no threshold.",
            asked_for_by=settings.origins["strict"],
            without_one=", ".join(ungated[:SHOWN]) + more,
            what_to_do=f"set them in [thresholds] of {settings.source or 'mmbench.toml'}",
        )
