"""The hooks of a run: collection, and what becomes of errors. Registered only for a model."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from typing import Final

import pytest

from pytest_mmbench.errors import (
    CheckpointError,
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
)
from pytest_mmbench.evaluation.run import CaseKey, Run
from pytest_mmbench.plugin.collection import Suite
from pytest_mmbench.records import Dimension, Gate
from pytest_mmbench.report.terminal import ProgressLine

DIMENSION: Final = "mm_dimension"
GATE_OF: Final = {
    "mm_tally": Gate.CAPABILITY,
    "mm_regression": Gate.REGRESSION,
    "mm_snapshot": Gate.SNAPSHOT,
    "mm_vision": Gate.VISION,
}
"""Fixtures that need answers, and the gate of a test that has them."""
MODELS: Final = ("mm_model", "mm_baseline", "mm_base_llm")
"""Fixtures that give a model."""
ONE_CASE: Final = (SettingsError, DataError, MMBenchWarning)
"""Errors that other cases need not have: what remains is a model or a store that is unusable."""
STOP: Final = "mm_stop"
"""Property of a report after which nothing more can be judged."""
GATES_NOTHING: Final = (
    "no selected dimension has a threshold: this run gates nothing.\n"
    "  what to do   set one in [thresholds] of mmbench.toml"
)


class RunHooks:
    """The hooks of one run.

    Args:
        run: what is judged.
        line: shows how far the asking has come.
        worker: whether another process ends the run.
    """

    def __init__(self, run: Run, line: ProgressLine, *, worker: bool) -> None:
        self._run = run
        self._line = line
        self._worker = worker
        self._warner = ""

    # Collecting.

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every test that needs a dimension is run for each one that it can be about."""
        named = metafunc.fixturenames
        if DIMENSION in named and not _parametrised(metafunc.definition):
            gate = Gate.SNAPSHOT if "mm_snapshot" in named else Gate.CAPABILITY
            nodes = self._run.cases(gate)
            metafunc.parametrize(DIMENSION, nodes, ids=[node.path for node in nodes])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The cases that are left say which answers will be needed."""
        asking = [item for item in session.items if _asks(item)]
        self._run.plan(need for item in asking for need in _needs(item))
        self._warner = next((item.nodeid for item in asking if item.getparent(Suite)), "")

    # Running.

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """The setup of a case asks the model: the line that shows it goes away afterwards."""
        self._warn(item)
        if _asks(item) and not self._run.candidate.loaded:
            self._line.wait_for(f"loading {self._run.settings.model}")
        try:
            return (yield)
        finally:
            self._line.hide()

    def _warn(self, item: pytest.Item) -> None:
        """The first shipped case warns, once in all processes, if no case can fail.

        It does before it can be skipped: where every case is, too, nothing is gated.
        """
        if item.nodeid == self._warner and self._run.gates_nothing:
            warnings.warn(MMBenchWarning(GATES_NOTHING), stacklevel=1)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Where something is gated, a model that a project skips is one that cannot be loaded.

        Raises:
            CheckpointError: a skipped gate would look like a pass.
        """
        try:
            return (yield)
        except pytest.skip.Exception as skipped:
            if fixturedef.argname not in MODELS or self._run.gates_nothing:
                raise
            raise CheckpointError(
                f"{fixturedef.argname} was skipped, and gates wait for it.",
                reason=str(skipped),
                what_to_do="leave --mm-model out where no model can be judged",
            ) from None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Our own errors say what to do; a traceback through our files would only hide it."""
        report = yield
        if report.skipped and not hasattr(report, "wasxfail") and self._gated(item):
            # Whoever skips it, for want of an accelerator for one: it would look like a pass.
            reason = call.excinfo.value if call.excinfo else "no reason was given"
            report.outcome = "failed"
            report.longrepr = f"{_path(item)} has a threshold and was skipped: {reason}"
        error = call.excinfo.value if call.excinfo else None
        if call.excinfo and isinstance(error, MMBenchError | MMBenchWarning):
            report.longrepr = call.excinfo.getrepr(style="value", chain=False)
            if not isinstance(error, ONE_CASE):
                report.user_properties.append((STOP, error.problem))
        return report

    def _gated(self, item: pytest.Item) -> bool:
        """Whether it is the shipped case that a threshold waits for."""
        claimed = CaseKey(Gate.CAPABILITY, _path(item)) in _needs(item)
        shipped = item.getparent(Suite) is not None
        return claimed and shipped and _path(item) in self._run.settings.thresholds

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Ends the run when the model turns out to be unusable."""
        for name, told in report.user_properties:
            if name == STOP and not self._worker:
                pytest.exit(f"mmbench: {told}", returncode=pytest.ExitCode.USAGE_ERROR)

    def pytest_unconfigure(self) -> None:
        """Nothing is asked any more."""
        self._run.close()


def _asks(item: pytest.Item) -> bool:
    return bool(_needs(item))


def _needs(item: pytest.Item) -> list[CaseKey]:
    named = getattr(item, "fixturenames", ())
    gates = [gate for fixture, gate in GATE_OF.items() if fixture in named]
    return [CaseKey(gate, _path(item)) for gate in gates]


def _parametrised(definition: pytest.Item) -> bool:
    """Whether a test names the dimensions itself, by `@pytest.mark.parametrize`."""
    marks = definition.iter_markers("parametrize")
    named = [(*mark.args, mark.kwargs.get("argnames", ()))[0] for mark in marks]
    split = [names.split(",") if isinstance(names, str) else names for names in named]
    return any(name.strip() == DIMENSION for names in split for name in names)


def _path(item: pytest.Item) -> str:
    """The dimension that a test is about."""
    dimension = item.callspec.params.get(DIMENSION) if hasattr(item, "callspec") else ""
    return dimension.path if isinstance(dimension, Dimension) else str(dimension)
