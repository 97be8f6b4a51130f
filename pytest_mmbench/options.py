"""Every option, once: its flag, ini key, environment variable and key in `mmbench.toml`.

Every pytest run loads it, with or without a model: the standard library only.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

SHOWS: Final = ("collectonly", "show_fixtures_per_test")
"""Options of pytest that show the cases and run none."""
PREFIX: Final = "--mm-"
"""Of every flag that pytest is given; those of the command `mmbench` have none but hyphens."""


class Kind(Enum):
    """The type of a value."""

    TEXT = "text"
    NUMBER = "whole number, 0 or more"
    SWITCH = "true or false"
    CHOICE = "one of a few words"
    NAMES = "names"
    PATH = "path"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be set, and the four names under which it can be set."""

    name: str
    """Hyphenated, as in the flag: `batch-size`."""
    kind: Kind
    help: str
    """One or two sentences, with the unit and the default."""
    default: str | int | bool | tuple[str, ...] = ""
    metavar: str = ""
    """Stands for the value in `pytest --help`; a switch has none."""
    choices: tuple[str, ...] = ()
    in_file: bool = True
    """Whether it is also a top-level key of `mmbench.toml`."""

    @property
    def flag(self) -> str:
        """On the command line: `--mm-batch-size`."""
        return f"{PREFIX}{self.name}"

    @property
    def ini(self) -> str:
        """In pytest's own configuration, and in `config.option`: `mm_batch_size`."""
        return f"mm_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        """In the environment: `MMBENCH_BATCH_SIZE`."""
        return f"MMBENCH_{self.name.replace('-', '_').upper()}"


class OptionGroup(Protocol):
    """The part of pytest's `OptionGroup` that is needed here."""

    def addoption(self, *opts: str, **attrs: Any) -> None:  # noqa: ANN401 - argparse's own signature
        """Adds one option, as `argparse.ArgumentParser.add_argument` does."""


class IniParser(Protocol):
    """The part of pytest's `Parser` that is needed here."""

    def addini(self, name: str, help: str, type: Any, default: Any) -> None:  # noqa: ANN401
        """Makes a key of pytest's configuration file known."""


OPTIONS = (
    Option(
        name="model",
        kind=Kind.TEXT,
        metavar="PATH",
        help="Checkpoint to judge: a local folder, a hub id such as acme/vlm-3 or, for a branch, "
        "tag or commit, acme/vlm-3@v1.2, or scripted:first to try a gate without one. Nothing runs "
        "unless a model is named.",
    ),
    Option(
        name="baseline",
        kind=Kind.TEXT,
        metavar="WHAT",
        help="Compare with this, sample by sample: a checkpoint, a saved run file, or a name that "
        "`mmbench baseline save` gave one. Default: no comparison.",
    ),
    Option(
        name="base-llm",
        kind=Kind.TEXT,
        metavar="PATH",
        help="Text model that the checkpoint was built on, from which leakage is measured. "
        "Default: none, and leakage stays unknown.",
    ),
    Option(
        name="config",
        kind=Kind.PATH,
        metavar="FILE",
        in_file=False,
        help="Settings and thresholds (TOML). "
        "Default: mmbench.toml in the rootdir, else [tool.mmbench] of its pyproject.toml.",
    ),
    Option(
        name="benchmark",
        kind=Kind.NAMES,
        metavar="NAME",
        default=("shapes",),
        in_file=False,
        help="Run this benchmark; repeat for several. "
        "Default: those that the settings file configures, else the built-in shapes.",
    ),
    Option(
        name="method",
        kind=Kind.CHOICE,
        metavar="METHOD",
        default="auto",
        choices=("auto", "rank", "rank-mean", "rank-letter", "generate"),
        help="How answers are taken: by likelihood of each option's text (rank), per token "
        "(rank-mean), of each option's letter (rank-letter), or read from generated text "
        "(generate). Default: auto, each benchmark's own.",
    ),
    Option(
        name="condition",
        kind=Kind.NAMES,
        metavar="NAME",
        default=(),
        in_file=False,
        help="Ask again under this condition, such as no-image or mismatched, and gate what the "
        "picture adds; repeat for several. Default: those of [vision] in the settings file.",
    ),
    Option(
        name="circular",
        kind=Kind.SWITCH,
        default=False,
        help="Ask every question under each rotation of its options, and count it as correct if "
        "all answers are (CircularEval). Default: off.",
    ),
    Option(
        name="exclude",
        kind=Kind.PATH,
        metavar="FILE",
        help="Leave out the samples that this file lists, such as those that can be answered "
        "without looking. Default: none.",
    ),
    Option(
        name="limit",
        kind=Kind.NUMBER,
        metavar="N",
        default=0,
        help="Ask at most N samples of each benchmark, spread evenly over its dimensions; those "
        "that count together, such as the passes of a question, are one. Default: 0, all of them.",
    ),
    Option(
        name="seed",
        kind=Kind.NUMBER,
        metavar="N",
        default=0,
        help="Seed of every random choice, such as the samples that a limit leaves. Default: 0.",
    ),
    Option(
        name="batch-size",
        kind=Kind.NUMBER,
        metavar="N",
        default=0,
        help="Give the model N prompts at once. Default: 0, as many as the model prefers.",
    ),
    Option(
        name="device",
        kind=Kind.DEVICE,
        metavar="DEVICE",
        default="auto",
        help="Where the model runs: cpu, cuda, cuda:1, mps ... "
        "Default: auto, the first accelerator, else the CPU.",
    ),
    Option(
        name="dtype",
        kind=Kind.CHOICE,
        metavar="DTYPE",
        default="auto",
        choices=("auto", "float32", "float16", "bfloat16"),
        help="dtype of the weights: float32, float16 or bfloat16. Default: auto, the "
        "checkpoint's own on an accelerator, float32 on the CPU.",
    ),
    Option(
        name="store",
        kind=Kind.PATH,
        metavar="DIR",
        default=".mmbench",
        help="Folder where answers are kept, so that none is computed twice. "
        "Default: .mmbench in the rootdir.",
    ),
    Option(
        name="fresh",
        kind=Kind.SWITCH,
        default=False,
        in_file=False,
        help="Ask the model again even where the store knows the answer. Default: off.",
    ),
    Option(
        name="strict",
        kind=Kind.SWITCH,
        default=False,
        help="Let inconclusive dimensions, and dimensions without a threshold, fail. Default: off.",
    ),
    Option(
        name="force",
        kind=Kind.SWITCH,
        default=False,
        in_file=False,
        help="Let --snapshot-update accept the answers of a run that fails; the snapshot then says "
        "so. Default: off.",
    ),
    Option(
        name="calibrate",
        kind=Kind.SWITCH,
        default=False,
        in_file=False,
        help="Measure the model's own noise on 64 samples of each benchmark, asked again in other "
        "batches, in every run. Default: off, on one in a hundred where models are compared.",
    ),
    Option(
        name="html",
        kind=Kind.PATH,
        metavar="FILE",
        in_file=False,
        help="Write a report that opens in any browser, offline. Default: none.",
    ),
    Option(
        name="markdown",
        kind=Kind.PATH,
        metavar="FILE",
        in_file=False,
        help="Write a report in Markdown. Default: none. "
        "GitHub's step summary, where there is one, gets it in any case.",
    ),
    Option(
        name="json",
        kind=Kind.PATH,
        metavar="FILE",
        in_file=False,
        help="Write everything that was found as JSON. Default: none.",
    ),
    Option(
        name="bad-rows",
        kind=Kind.CHOICE,
        metavar="error|skip",
        default="error",
        choices=("error", "skip"),
        help="What becomes of records and pictures that cannot be used: end the run (error), or "
        "leave them out, counted and reported (skip). Default: error.",
    ),
    Option(
        name="trust-remote-code",
        kind=Kind.SWITCH,
        default=False,
        help="Run Python code that comes with the checkpoint. "
        "Only for checkpoints whose code you have read. Default: off.",
    ),
)
_INI_TYPES = {Kind.NUMBER: "int", Kind.SWITCH: "bool", Kind.NAMES: "args"}
BY_NAME = {option.name: option for option in OPTIONS}


def add_options(group: OptionGroup) -> None:
    """Adds every flag to a group of pytest's command line; one that is not given is None."""
    for option in OPTIONS:
        attributes: dict[str, Any] = {"action": "store", "metavar": option.metavar}
        if option.kind is Kind.SWITCH:
            attributes = {"action": BooleanOptionalAction}
        elif option.kind is Kind.NAMES:
            attributes["action"] = "append"
        group.addoption(option.flag, dest=option.ini, default=None, help=option.help, **attributes)


def add_ini(parser: IniParser) -> None:
    """Makes every ini key known to pytest; one that is not written reads as None."""
    for option in OPTIONS:
        parser.addini(
            option.ini,
            f"Same as {option.flag}. The environment variable {option.variable} comes before it.",
            _INI_TYPES.get(option.kind, "string"),
            None,
        )
