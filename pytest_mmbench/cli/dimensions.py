"""`mmbench dimensions`: the names that [thresholds] may use."""

from __future__ import annotations

import argparse

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.data import benchmark
from pytest_mmbench.cli.project import project


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "dimensions",
        _run,
        help="list dimensions and sizes: the names for [thresholds]",
        description="""
            Lists every dimension of a benchmark with the number of its samples, ready to be
            pasted into [thresholds].
            """,
        examples=("mmbench dimensions", "mmbench dimensions shapes mmstar"),
    )
    parser.add_argument(
        "benchmark", nargs="*", metavar="BENCHMARK", help="default: those of mmbench.toml"
    )


def _run(chosen: argparse.Namespace) -> int:
    settings = project(chosen).settings
    for name in chosen.benchmark or [each.name for each in settings.benchmarks]:
        whole = benchmark(name, settings, circular=settings.circular)
        for node in whole.dimensions():
            output.echo(f"{node.path:<60} {node.size:>7}")
    return 0
