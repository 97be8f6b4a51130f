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
        progress: shows how far inference has come.
        worker: whether another process ends the run.
    """

    def __init__(self, run: Run, progress: ProgressLine, *, worker: bool) -> None:
        self._run = run
        self._progress = progress
        self._worker = worker
        self._first_case = ""

    # Collecting.

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every test that needs a dimension is run for each one that it can be about."""
        fixtures = metafunc.fixturenames
        marks = metafunc.definition.iter_markers("parametrize")
        argnames = [(*mark.args, mark.kwargs.get("argnames", ()))[0] for mark in marks]
        by_hand = [names.split(",") if isinstance(names, str) else names for names in argnames]
        if DIMENSION in {name.strip() for names in by_hand for name in names}:
            return
        if DIMENSION in fixtures:
            gate = Gate.SNAPSHOT if "mm_snapshot" in fixtures else Gate.CAPABILITY
            nodes = self._run.cases(gate)
            metafunc.parametrize(DIMENSION, nodes, ids=[node.path for node in nodes])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Plans what the selected cases need."""
        cases = [item for item in session.items if _case_keys(item)]
        self._run.plan(key for item in cases for key in _case_keys(item))
        self._first_case = next((item.nodeid for item in cases if item.getparent(Suite)), "")

    # Running.

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """The setup of a case asks the model: the line that shows it goes away afterwards."""
        # Once in all processes, and before it can be skipped: where every case is skipped, too,
        # nothing is gated.
        if item.nodeid == self._first_case and self._run.gates_nothing:
            warnings.warn(MMBenchWarning(GATES_NOTHING), stacklevel=1)
        if _case_keys(item) and not self._run.candidate.loaded:
            self._progress.wait_for(f"loading {self._run.settings.model}")
        try:
            return (yield)
        finally:
            self._progress.hide()

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
        key = CaseKey(Gate.CAPABILITY, _path(item))
        is_gated = (
            item.getparent(Suite) is not None
            and key in _case_keys(item)
            and key.path in self._run.settings.thresholds
        )
        if report.skipped and not hasattr(report, "wasxfail") and is_gated:
            # Whoever skips it, for want of an accelerator for one: it would look like a pass.
            reason = call.excinfo.value if call.excinfo else "no reason was given"
            report.outcome = "failed"
            report.longrepr = f"{key.path} has a threshold and was skipped: {reason}"
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotImplementedError) and _case_keys(item):
            # It would be the same for every case: the model offers no such method.
            problem = f"the model {self._run.settings.model} cannot do what it is asked: {error}"
            report.longrepr = f"mmbench: {problem}.\n  what to do   name another --mm-method"
            report.user_properties.append((STOP, problem))
        if call.excinfo and isinstance(error, MMBenchError | MMBenchWarning):
            report.longrepr = call.excinfo.getrepr(style="value", chain=False)
            if not isinstance(error, ONE_CASE):
                report.user_properties.append((STOP, error.problem))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Ends the run when the model turns out to be unusable."""
        for name, problem in report.user_properties:
            if name == STOP and not self._worker:
                pytest.exit(f"mmbench: {problem}", returncode=pytest.ExitCode.USAGE_ERROR)

    def pytest_unconfigure(self) -> None:
        """Closes the store."""
        self._run.close()


def _case_keys(item: pytest.Item) -> list[CaseKey]:
    """The gates that a test needs, with its dimension; none for a test of something else."""
    fixtures = getattr(item, "fixturenames", ())
    gates = [gate for fixture, gate in GATE_OF.items() if fixture in fixtures]
    return [CaseKey(gate, _path(item)) for gate in gates]


def _path(item: pytest.Item) -> str:
    """The dimension that a test is about."""
    dimension = item.callspec.params.get(DIMENSION) if hasattr(item, "callspec") else ""
    return dimension.path if isinstance(dimension, Dimension) else str(dimension)
