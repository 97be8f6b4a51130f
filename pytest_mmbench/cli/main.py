"""The command line `mmbench`: its subcommands, and what becomes of their errors."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Final

from pytest_mmbench import __version__
from pytest_mmbench.cli import (
    baseline,
    diff,
    dimensions,
    doctor,
    init,
    lint,
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
    lint,
    thresholds,
    diff,
    report,
    baseline,
    shortcuts,
    dimensions,
    show,
    doctor,
)
_DESCRIPTION: Final = """\
The companion of `pytest --mm-model=PATH`, which gates releases of
vision-language models: it sets the gate up, and compares and reports the runs
that pytest has saved."""
_EXIT_CODES: Final = """\
exit codes, which are pytest's:
  0  ship, or done        1  a gate failed
  2  interrupted          4  a wrong option, name, setting or file

`mmbench <subcommand> --help` says more, with examples."""
_ARGPARSE_ERROR: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand and gives the exit code: 0, 1 if a gate failed, 2 or 4."""
    parsed = _parse(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = output.show_warning
        try:
            code: int = parsed.run(parsed)
            sys.stdout.flush()
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
        else:
            return code
    return USAGE_ERROR


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return parser().parse_args(arguments)
    except SystemExit as end:
        # argparse ends with 2, which means to pytest's users that a run was interrupted.
        code = USAGE_ERROR if end.code == _ARGPARSE_ERROR else end.code
        raise SystemExit(code) from None


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="mmbench",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"pytest-mmbench {__version__}")

    def show_help(_: argparse.Namespace) -> int:
        root.print_help()
        return 0

    root.set_defaults(config=None, run=show_help)
    subcommands = root.add_subparsers(title="subcommands", metavar="<subcommand>")
    for module in COMMANDS:
        module.add(subcommands.add_parser)
    return root
