"""Does the model give the answers of the snapshot? One case for every leaf.

Collected if a benchmark has a snapshot, or is to get one.
"""

from __future__ import annotations

import pytest

from pytest_mmbench.errors import for_log
from pytest_mmbench.gates.snapshot import details
from pytest_mmbench.gates.verdicts import SnapshotVerdict
from pytest_mmbench.plugin.cases import conclude
from pytest_mmbench.plugin.stash import RUN


def test_snapshot(request: pytest.FixtureRequest, mm_snapshot: SnapshotVerdict) -> None:
    """The model gives the answers of the snapshot, near ties aside."""
    baseline = request.config.stash[RUN].settings.baseline
    shown = details(mm_snapshot, baseline=baseline)
    conclude(request, mm_snapshot, details=shown)
    if mm_snapshot.changes:
        request.node.add_report_section("call", "mmbench", for_log(shown))
