"""The command line: its subcommands, and what becomes of their errors."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from typing import Final

from pytest_mmbench import __version__
from pytest_mmbench.cli import (
    baseline,
    diff,
    dimensions,
    doctor,
    init,
    output,
    report,
    shortcuts,
    show,
    thresholds,
)
from pytest_mmbench.cli.command import FAILED, INTERRUPTED, USAGE_ERROR
from pytest_mmbench.errors import MMBenchError, MMBenchWarning

COMMANDS: Final = (
    init,
    thresholds,
    diff,
    report,
    baseline,
    shortcuts,
    dimensions,
    show,
    doctor,
)


_CODES: Final = """\
exit codes, which are pytest's:
  0  ship, or done        1  a gate failed
  2  interrupted          4  what was asked for is not known, or cannot be had

`mmbench <subcommand> --help` tells more, with examples."""


_ARGPARSE_ERROR: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand and gives the exit code: 0, 1 if a gate failed, 2 or 4."""
    chosen = _parsed(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = output.show_warning
        try:
            return _run(chosen)
        except (MMBenchError, MMBenchWarning) as error:
            output.echo_error(error)
        except BrokenPipeError:
            # Whoever reads the output has seen enough; a flush at exit must not find the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except OSError as error:
            output.echo_note(str(error))
        except KeyboardInterrupt:
            output.echo_note("interrupted; answers that were paid for are kept")
            return INTERRUPTED
    return USAGE_ERROR


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return parser().parse_args(arguments)
    except SystemExit as ended:
        # argparse ends with 2, which means to pytest's users that a run was interrupted.
        code = USAGE_ERROR if ended.code == _ARGPARSE_ERROR else ended.code
        raise SystemExit(code) from None


def _run(chosen: argparse.Namespace) -> int:
    code: int = chosen.run(chosen)
    sys.stdout.flush()
    return code


def _help(parser: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    parser.print_help()
    return 0


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    made = argparse.ArgumentParser(
        prog="mmbench",
        description="Beside `pytest --mm-model=PATH`: set up its gate, compare its runs.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"pytest-mmbench {__version__}")
    made.set_defaults(config=None, run=partial(_help, made))
    verbs = made.add_subparsers(title="subcommands", metavar="<subcommand>")
    for each in COMMANDS:
        each.add(verbs.add_parser)
    return made
