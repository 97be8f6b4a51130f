"""What all subcommands have in common: how they are declared, and what their exit codes mean."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Sequence
from typing import Final

FAILED: Final = 1
"""A gate failed; pytest's code for failed tests, as all of these are pytest's."""
INTERRUPTED: Final = 2
USAGE_ERROR: Final = 4
WIDTH: Final = 78
"""Columns of a help text."""
AddParser = Callable[..., argparse.ArgumentParser]
"""Makes the parser of a subcommand: the method of argparse's subparsers."""
Run = Callable[[argparse.Namespace], int]
"""Runs a subcommand, and gives the exit code."""
ANY_RUN: Final = "a baseline's name, or a file; default: the latest run"
"""Help of an argument that names a run."""


def command(
    add: AddParser, name: str, run: Run, *, help: str, description: str, examples: Sequence[str]
) -> argparse.ArgumentParser:
    """Declares a subcommand that reads the settings of this folder.

    The description has an empty line between its paragraphs; the examples are command lines.
    """
    paragraphs = textwrap.dedent(description).strip().split("\n\n")
    filled = (textwrap.fill(text, WIDTH, break_on_hyphens=False) for text in paragraphs)
    parser = add(
        name,
        help=help,
        description="\n\n".join(filled),
        epilog="\n".join(["examples:", *(f"  {example}" for example in examples)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=argparse.SUPPRESS,  # a subcommand's own default would hide what stands before it
        help="the settings file; default: mmbench.toml, else [tool.mmbench] of pyproject.toml, of "
        "this folder or of the nearest one above it",
    )
    parser.set_defaults(run=run)
    return parser
