"""The text of a new settings file, with comments that say what each key is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from pytest_mmbench.cli.data import is_circular, options
from pytest_mmbench.cli.folder import Folder, named
from pytest_mmbench.cli.scores import Scored, below, digits, readable
from pytest_mmbench.config.decoding import toml
from pytest_mmbench.runs import RunFile
from pytest_mmbench.sheets import IMAGE

FEWEST: Final = 30
"""Samples below which a threshold of a part would rest on single answers."""
_HEAD: Final = """\
# The gate of this project: `pytest --mm-model=PATH` reads this file.
#
# `mmbench init` wrote it after a run of {model}
# ({made}). Each threshold lies {margin} below what that run scored, rounded down.
# `mmbench thresholds` shows how far a later run is above them, and with --ratchet raises them.

# model = "checkpoints/candidate"   # what a bare `pytest` judges; or name it by --mm-model
{baseline}   # what it is compared with; `mmbench baseline promote` sets it
"""
_NO_BASELINE: Final = '# baseline = "released"          '
_THRESHOLDS: Final = """\
[thresholds]
# Fractions of right answers that a release has to reach. Where a line begins with a #, what stands
# behind it speaks against a threshold; or the samples are few and a margin is one or two answers:
# --mm-baseline tells better whether such a part fell.
"""
_REST: Final = """\
[gate]
# rule = "point"        # passes at the threshold itself; strong, three-way: see the README
# alpha = 0.05          # error probability of the rules that need one, and of [vision]
# unreadable = 0.05     # a dimension with more unreadable answers is an error, not a low score

# With a baseline: the whole of a benchmark may be worse by less than the margin, and no dimension
# significantly worse.
[regression]
# margin = 0.02         # fraction of all samples
# alpha = 0.05          # how often a release that is as good may fail
# min-items = 30        # dimensions with fewer samples are shown, and not judged

# Whether the model looks: it is asked again without the picture, or with another one.
[vision]
# conditions = ["no-image", "mismatched"]   # none: nothing is asked again
# rotations = true      # without the picture under every rotation of the options: finds shortcuts
# min-gain = 0.05       # what pictures have to add to the score, above chance
# min-share = 0.0       # share of the score above chance that has to come from pictures
# max-leakage = 0.05    # what it may know unseen beyond --mm-base-llm
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a settings file is made of."""

    run: RunFile
    scores: Sequence[Scored]
    folder: Folder
    margin: Fraction
    depth: int
    """Words of the longest path that is gated."""
    baseline: str = ""
    """What the settings so far have runs compared with; empty if with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A settings file."""

    text: str
    gated: int
    """Thresholds in it."""
    offered: int
    """Thresholds in its comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """The threshold of one dimension."""

    found: Scored
    at_least: str
    gated: bool
    """Whether it is one; else it stands in a comment."""
    remark: str
    """Why it could not be one; empty if whoever wants it takes the `#` away."""

    @property
    def line(self) -> str:
        return f"{'' if self.gated else '# '}{toml(self.found.path)} = {self.at_least}"


def draft(plan: Draft) -> Drafted:
    """The settings file; the run that it is made of passes it."""
    limits = [_limit(each, plan) for each in plan.scores]
    head = _HEAD.format(
        model=_plain(named(plan.run.model)),
        made=_plain(plan.run.made),
        margin=f"{float(plan.margin):g}",
        baseline=f"baseline = {toml(plan.baseline)}" if plan.baseline else _NO_BASELINE,
    )
    tables = [*_how(plan), *(_benchmark(name, plan) for name in plan.run.asked)]
    thresholds = _THRESHOLDS + "".join(f"{line}\n" for line in _aligned(limits))
    gated = sum(each.gated for each in limits)
    return Drafted(
        text="\n".join([head, *tables, thresholds, _REST]),
        gated=gated,
        offered=len(limits) - gated,
    )


def _limit(found: Scored, plan: Draft) -> _Limit:
    at_least = below(found, plan.margin)
    against = _against(found, at_least, plan)
    deep = found.path.count(".") >= plan.depth
    return _Limit(
        found=found, at_least=digits(at_least), gated=not (against or deep), remark=against
    )


def _against(found: Scored, at_least: Fraction, plan: Draft) -> str:
    """What speaks against a threshold; empty if nothing does."""
    if not readable(found, plan.folder.settings):
        return f"{found.tally.unreadable} answers are unreadable"
    if at_least <= found.guessed:
        return f"guessing gets {float(found.guessed):.2f}"
    if "." in found.path and found.tally.asked < FEWEST:
        return f"fewer than {FEWEST} samples"
    return ""


def _aligned(limits: Sequence[_Limit]) -> Iterator[str]:
    """A line for each dimension; the score it comes from, and what speaks against it, behind it."""
    width = max((len(each.line) for each in limits), default=0)
    for each in limits:
        remark = f"; {each.remark}" if each.remark else ""
        yield f"{each.line:<{width}}   # {each.found.told}{remark}"


def _how(plan: Draft) -> Iterator[str]:
    """What holds for all benchmarks: whether they are asked in circles, and what is left out."""
    if any(is_circular(plan.run, name) for name in plan.run.asked):
        yield "circular = true   # right is what is right under every rotation of the options\n"
    for key, path in plan.folder.settings.exclude.items():
        yield f"{key} = {toml(_relative(str(path), plan))}   # samples that are not asked\n"


def _benchmark(name: str, plan: Draft) -> str:
    """How a benchmark was asked."""
    method = plan.run.sheet(name, IMAGE).how.partition(",")[0]
    told = {"method": method, **options(name, plan.folder.settings)}
    lines = [f"{_key(key)} = {toml(_relative(value, plan))}" for key, value in told.items()]
    return "\n".join([f"[benchmarks.{_key(name)}]", *lines, ""])


def _relative(value: object, plan: Draft) -> object:
    """A path below the project as it is to be committed: from there."""
    if isinstance(value, str) and Path(value).is_relative_to(plan.folder.rootdir):
        return Path(value).relative_to(plan.folder.rootdir).as_posix()
    return value


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else toml(name)


def _plain(text: str) -> str:
    """Text that cannot end a comment."""
    return " ".join(text.split())
