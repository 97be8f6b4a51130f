"""`mmbench dimensions`: the names that [thresholds] may use."""

from __future__ import annotations

import argparse

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.data import benchmark
from pytest_mmbench.cli.project import find_project


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
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
        "benchmark",
        nargs="*",
        metavar="BENCHMARK",
        help="which ones; default: those of mmbench.toml",
    )


def _run(arguments: argparse.Namespace) -> int:
    settings = find_project(arguments).settings
    for name in arguments.benchmark or [configured.name for configured in settings.benchmarks]:
        for node in benchmark(name, settings, circular=settings.circular).dimensions():
            output.echo(f"{node.path:<60} {node.size:>7}")
    return 0
