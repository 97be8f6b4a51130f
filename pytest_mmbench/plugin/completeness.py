"""Whether every gate that the settings ask for has a verdict, and the exit code that follows.

There is one rule, applied once, when everything else has ended: a gate without a verdict of this
run is no pass, whatever became of its case. So it does not matter what a hook, a marker, a fixture
or another plugin did to the cases, and no new way of losing one has to be known here.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import pytest

from pytest_mmbench.errors import MMBenchWarning, SkippedRows
from pytest_mmbench.evaluation.run import CaseKey, Run
from pytest_mmbench.evaluation.selection import thresholds_not_run
from pytest_mmbench.gates.verdicts import Verdict
from pytest_mmbench.options import SHOWS
from pytest_mmbench.plugin.collection import CASES, PLACEMENT, Placement
from pytest_mmbench.plugin.properties import LEFT_OUT, NOT_ASKED, gate_of, verdicts_in
from pytest_mmbench.plugin.snapshots import accepts
from pytest_mmbench.records import Gate, benchmark_of
from pytest_mmbench.report.build import decide
from pytest_mmbench.report.document import Decision, Release
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import snapshots

COLLECTED: Final = "mmbench_collected"
"""Output of a worker: the ids of the shipped cases that it has collected."""
SELECTED: Final = "mmbench_selected"
"""Output of a worker: those among them that were left to be run."""
SHOWN: Final = 3
"""Gates that a sentence names."""
FOR_THIS_RUN: Final = ("--mm-", "MMBENCH_")
"""How a source begins that names the model for this run alone, not for all runs of the project."""
PARTS: Final[Mapping[str, str]] = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "lf": "--lf",
    "stepwise": "--stepwise",
}
"""pytest's own options that leave cases out, by the name of their value."""


class CompletenessHooks:
    """The verdicts of a run, the gates that have none, and the decision.

    It is registered without a name: no `-p no:NAME` switches it off.

    Args:
        run: what is judged.
        gates: those that have cases.
        skipped: rows that the benchmarks of the run leave out.
        worker: whether another process ends the run.
    """

    def __init__(
        self, run: Run, gates: Sequence[Gate], skipped: Sequence[SkippedRows], *, worker: bool
    ) -> None:
        self._run = run
        self._gates = gates
        self._skipped = skipped
        self._worker = worker
        self.verdicts: dict[CaseKey, Verdict] = {}
        self.in_summary = False
        """Whether the decision stands in the summary of the terminal."""
        self.refused = ""
        """Why answers that were to be accepted are no snapshot; empty if they are."""
        self._collected: set[str] = set()
        self._selected: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._not_asked: dict[str, str] = {}
        self._left_out: dict[str, tuple[int, int]] = {}
        self._failed: list[str] = []
        self._finished_tests = 0
        self._exit_status = 0

    # What becomes of the cases.

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Remembers the cases that there were before anything was left out."""
        if item.nodeid in self._keys:
            self._collected.add(item.nodeid)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remembers those that are to be run."""
        self._selected.update(item.nodeid for item in session.items if item.nodeid in self._keys)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects verdicts, of this process or of workers, and what became of cases without one.

        The fixture that gives a verdict runs while a test is set up. It counts once the test has
        run, or could not: under `--setup-only` nothing has been judged.
        """
        verdicts = verdicts_in(report.user_properties)
        if report.when == "call" or report.failed:
            self.verdicts |= {CaseKey(gate_of(one), one.dimension): one for one in verdicts}
        for name, value in report.user_properties:
            if name == NOT_ASKED:
                path, reason = json.loads(str(value))
                self._not_asked[path] = reason
            elif name == LEFT_OUT:
                path, count, total = json.loads(str(value))
                self._left_out[path] = (count, total)
        if report.failed and not verdicts and report.nodeid.startswith(tuple(CASES.values())):
            self._failed.append(report.nodeid)
        if report.nodeid in self._keys and (reason := _reason(report)):
            self._reasons.setdefault(report.nodeid, reason)

    def pytest_runtest_logfinish(self) -> None:
        """Counts every test that has run, whoever wrote it: `-x` ends a run before the last."""
        self._finished_tests += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """All workers collect the same: one that has died takes nothing along."""
        output = getattr(node, "workeroutput", {})
        self._collected.update(output.get(COLLECTED, ()))
        self._selected.update(output.get(SELECTED, ()))

    # The end.

    @pytest.hookimpl(tryfirst=True, specname="pytest_sessionfinish")
    def pytest_sessionfinish_accepts(self, session: pytest.Session) -> None:
        """Makes a snapshot of what `--snapshot-update` accepts, unless the run has failed.

        A part of the leaves may be accepted: each stands for itself.
        """
        config = session.config
        # What is pending may be of another run, which is at it in the same folder.
        if self._worker or shows_cases(config) or not accepts(config):
            return
        release = self.decision(session).release
        is_failed = release is Release.STOP or bool(self.missing(session))
        rootdir = self._run.rootdir
        if not is_failed:
            snapshots.accept_pending(rootdir)
        elif self._run.settings.force:
            snapshots.accept_pending(rootdir, decision=release.value)
        elif dropped := snapshots.drop_pending(rootdir):
            files = count_of(dropped, "file")
            self.refused = f"snapshot: {files} not written, as the run failed; --mm-force does it"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Gives a run in which a gate has no verdict another exit code than 0."""
        if self._worker:
            output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined]
            output[COLLECTED], output[SELECTED] = sorted(self._collected), sorted(self._selected)
            return (yield)
        try:
            return (yield)
        except pytest.exit.Exception as left:
            # A hook that ends the session here would also choose its exit code.
            session.exitstatus = left.returncode or session.exitstatus
        finally:
            self._set_exit_status(session)

    @pytest.hookimpl(trylast=True, specname="pytest_sessionfinish")
    def pytest_sessionfinish_warns(self, session: pytest.Session) -> None:
        """Warns of a part, as a part that passes exits with 0.

        Under `-W error` it fails.
        """
        is_quiet = self._worker or shows_cases(session.config) or not self.required
        if not is_quiet and self.unfinished(session):
            try:
                warnings.warn(MMBenchWarning(self.sentence(session)), stacklevel=1)
            except MMBenchWarning:
                self._exit_status = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> Generator[None]:
        """Nothing that runs after the end, or ends a run before it begins, makes it a pass."""
        session = config.pluginmanager.getplugin("session")
        try:
            return (yield)
        finally:
            if session is not None and not self._worker:
                self._set_exit_status(session)

    def _set_exit_status(self, session: pytest.Session) -> None:
        status = session.exitstatus
        # Where nothing was selected pytest has a code of its own, which is no 0 either.
        is_open = status == pytest.ExitCode.OK or (
            status == pytest.ExitCode.NO_TESTS_COLLECTED and bool(self.missing(session))
        )
        if shows_cases(session.config) or not is_open:
            return
        self._exit_status = self._exit_status or self._forced_status(session)
        if self._exit_status:
            session.exitstatus = self._exit_status
            if not self.in_summary:
                self.in_summary = True
                sys.stderr.write(f"mmbench: {self.sentence(session)}\n")

    def _forced_status(self, session: pytest.Session) -> int:
        """1 where pytest's own 0 would pass for a release; else 0."""
        decision = self.decision(session)
        undecided = decision.release is Release.UNDECIDED
        stops = decision.release is Release.STOP or (
            undecided and self._run.settings.undecided_fails
        )
        # A model that was named for this run, and no gate that was judged.
        named = self._run.settings.sources["model"].startswith(FOR_THIS_RUN)
        runs_suite = session.config.stash[PLACEMENT].runs_suite
        is_idle = bool(self.required) and not self.required.keys() & self.verdicts.keys()
        return int(stops or bool(self.missing(session)) or (named and runs_suite and is_idle))

    # What is missing.

    @cached_property
    def required(self) -> dict[CaseKey, str]:
        """Every gate that the settings ask for in the benchmarks of this run, with its node id.

        Thresholds; and, of what a model is compared with or asked again, every dimension that can
        be asked at all.
        """
        thresholds = self._run.settings.thresholds
        return {
            CaseKey(gate, node.path): f"{CASES[gate]}[{node.path}]"
            for gate in self._gates
            for node in self._run.cases(gate)
            if (
                node.path in thresholds
                if gate is Gate.CAPABILITY
                else self._run.reason_not_askable(node) is None
            )
        }

    @cached_property
    def _ids(self) -> dict[CaseKey, set[str]]:
        """The node ids of a gate: pytest escapes what is not ASCII, unless it is set not to."""
        return {
            key: {nodeid, nodeid.encode("unicode_escape").decode("ascii")}
            for key, nodeid in self.required.items()
        }

    @cached_property
    def _keys(self) -> dict[str, CaseKey]:
        """The required gates by node id."""
        return {nodeid: key for key, ids in self._ids.items() for nodeid in ids}

    def unjudged(self) -> list[CaseKey]:
        """The gates without a verdict, in the order of the trees."""
        return [key for key in self.required if key not in self.verdicts]

    def missing(self, session: pytest.Session) -> list[CaseKey]:
        """Those among them that were to be judged, and that nobody has left out."""
        placement = session.config.stash[PLACEMENT]
        return [
            key
            for key in self.unjudged()
            if not self._is_left_out(key, placement) and key.path not in self._not_asked
        ]

    def _is_left_out(self, key: CaseKey, placement: Placement) -> bool:
        """Whether somebody chose not to judge it: by files or ids, or after it was collected."""
        if not placement.runs_suite or not placement.is_selected(self.required[key]):
            return True
        ids = self._ids[key]
        return not ids.isdisjoint(self._collected) and ids.isdisjoint(self._selected)

    def unfinished(self, session: pytest.Session) -> str:
        """Why not everything was judged that is to be; empty if it was."""
        return "; ".join(self._sentences(session))

    def _sentences(self, session: pytest.Session) -> Iterator[str]:
        settings = self._run.settings
        missing = self.missing(session)
        ended = self._ended_early(session)
        yield from filter(None, [ended])
        if missing and not ended:
            yield self._missing_sentence(missing)
        placement = session.config.stash[PLACEMENT]
        left_out = [key for key in self.unjudged() if self._is_left_out(key, placement)]
        if left_out:
            option = session.config.getoption
            flags = [flag for name, flag in PARTS.items() if option(name, default=None)]
            if placement.named or not placement.runs_suite:
                flags.append("the files or ids that were named")
            by = f" by {' and '.join(flags)}" if flags else ""
            gates = count_of(len(self.required), "gate")
            yield f"{len(left_out)} of {gates} left out{by}: {_listed(left_out)}"
        not_asked = [key for key in self.unjudged() if key.path in self._not_asked]
        if not_asked:
            yield f"cannot be asked: {_listed(not_asked)} ({self._not_asked[not_asked[0].path]})"
        if self.required:
            yield from self._limits()
            yield from self._unreadable()
        yield from filter(None, [thresholds_not_run(settings) or self._benchmarks_not_run()])
        for name in self._run.selected:
            folder = snapshots.folder(self._run.rootdir, name)
            if folder.is_dir() and name not in self._run.snapshot_benchmarks:
                yield f"the snapshot of {name} was not compared: syrupy is not active"

    def _ended_early(self, session: pytest.Session) -> str:
        stopped = session.shouldfail or session.shouldstop
        if stopped and self._finished_tests < session.testscollected:
            return f"the run ended before everything was judged: {stopped}"
        if session.exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            return "the run was interrupted before everything was judged"
        if self._failed:
            more = len(self._failed) - 1
            others = f", and {more} more" if more else ""
            return f"{self._failed[0]} could not be judged{others}"
        return ""

    def _missing_sentence(self, missing: Sequence[CaseKey]) -> str:
        ids = self._ids[missing[0]]
        known = self._collected | self._selected
        never = "its case did not run" if known.intersection(ids) else "its case was not collected"
        reason = next((self._reasons[id] for id in ids if id in self._reasons), never)
        gates = count_of(len(self.required), "gate")
        return f"{len(missing)} of {gates} not judged: {_listed(missing)} ({reason})"

    def _limits(self) -> Iterator[str]:
        """The benchmarks of which a limit leaves samples out."""
        settings = self._run.settings
        for name, selection in self._run.selected.items() if settings.limit else ():
            asked = len(selection.sample_ids(selection.dimensions[0]))
            size = selection.dimensions[0].size
            if asked < size:
                place = settings.sources["limit"]
                yield f"{place} leaves {asked:,} of the {size:,} samples of {name}"

    def _unreadable(self) -> Iterator[str]:
        """The gated dimensions of which too much is skipped: their scores are of the others.

        As with answers that no scorer can read, a few change no score by much, and more may be
        those that a model fails.
        """
        limit = Fraction(str(self._run.settings.unparseable_limit))
        rows = [(each.count, each.total, "rows", each.table) for each in self._skipped]
        gated = [path for path in self._left_out if any(path == key.path for key in self.required)]
        samples = [(*self._left_out[path], "samples", path) for path in gated]
        for count, total, what, name in (*rows, *samples):
            if count > limit * total:
                yield f"{count:,} of {total:,} {what} of {name} left out: cannot be read"

    @property
    def notes(self) -> list[str]:
        """The rows of data files that were left out, however few: every report has them."""
        return [
            f"{each.table}: {each.count:,} of {each.total:,} rows left out, as they cannot be read"
            for each in self._skipped
        ]

    def _benchmarks_not_run(self) -> str:
        """The benchmarks that are configured and compared, and that this run leaves out."""
        settings = self._run.settings
        running = self._run.selected
        missing = [name for name in settings.configured_benchmarks if name not in running]
        is_compared = any(gate is not Gate.CAPABILITY for gate in self._gates)
        if not missing or not is_compared:
            return ""
        return f"{', '.join(missing)} not judged: left out by {settings.sources['benchmark']}"

    def decision(self, session: pytest.Session) -> Decision:
        """The decision of this run."""
        others = [
            CaseKey(Gate.CAPABILITY, path)
            for path in self._run.settings.thresholds
            if benchmark_of(path) not in self._run.selected
        ]
        return decide(
            list(self.verdicts.values()),
            strict=self._run.settings.undecided_fails,
            unfinished=self.unfinished(session),
            unjudged=[_name(key) for key in (*self.unjudged(), *others)],
        )

    def sentence(self, session: pytest.Session) -> str:
        """The decision in a line, with what is missing."""
        release = self.decision(session).release.shown
        return ": ".join(filter(None, [release, self.unfinished(session)]))


def _name(key: CaseKey) -> str:
    return f"{key.path} ({key.gate})"


def _listed(keys: Iterable[CaseKey]) -> str:
    names = [_name(key) for key in keys]
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _reason(report: pytest.TestReport) -> str:
    """Why a case that did not fail has no verdict, as far as its report says."""
    if hasattr(report, "wasxfail"):
        return f"xfail {report.wasxfail}".strip()
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:1].lower() + str(report.longrepr[2])[1:]
    return ""


def shows_cases(config: pytest.Config) -> bool:
    """Whether cases are only shown: then none has to have a verdict.

    Who typed that wants no gate; a conftest file that sets it afterwards has not been asked.
    """
    typed = config.known_args_namespace
    return any(getattr(typed, each, False) for each in SHOWS)
