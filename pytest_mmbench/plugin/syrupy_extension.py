"""Accepted answers as snapshots of syrupy: its options, its counts and its report are theirs too.

Loaded when answers are compared; a run without syrupy never does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syrupy.data import Snapshot, SnapshotCollection, SnapshotCollections
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.results import snapshots


class SnapshotExtension(AbstractSyrupyExtension):
    """One file per leaf at the rootdir. What is asserted is the text of such a file.

    The index of an assertion is the path of its leaf, so that a file does not depend on the test
    that asks for it.
    """

    snapshot_dirname = snapshots.FOLDER
    file_extension = "json"
    write_immediately = True

    def serialize(self, data: Any, **_: Any) -> str:  # noqa: ANN401 - syrupy's signature
        """The text, as it is."""
        return str(data)

    @classmethod
    def get_snapshot_name(
        cls,
        *,
        test_location: PyTestLocation,
        index: SnapshotIndex = 0,  # noqa: ARG003 - the test's own name is as good
    ) -> str:
        """The name of the test."""
        return test_location.snapshot_name

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        """The file of the leaf."""
        return str(snapshots.path(test_location.item.config.rootpath, str(index)))

    @classmethod
    def matches_test_location(
        cls,
        *,
        test_location: PyTestLocation,  # noqa: ARG003 - syrupy's signature
        snapshot_location: str,  # noqa: ARG003
    ) -> bool:
        """Any test may ask for any leaf; only files that no test can ask for are discovered."""
        return True

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of all files, the same for all tests."""
        return str(test_location.item.config.rootpath / snapshots.FOLDER)

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """The files whose leaf no longer exists, and no others.

        What syrupy discovers and no test has used, it reports, and deletes when it updates. A file
        whose leaf exists is never to be deleted: its case may be deselected, skipped for a limit,
        or not have been reached.
        """
        found = SnapshotCollections()
        run = test_location.item.config.stash[RUN]
        ignored = self.file_extension in (ignore_extensions or ())
        for benchmark in () if ignored else run.snapshot_benchmarks:
            leaves = run.selected[benchmark].leaves
            for path in snapshots.obsolete(run.rootdir, benchmark, leaves):
                found.add(self.read_snapshot_collection(snapshot_location=str(path)))
        return found

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        """The one snapshot of a file, named as the case that would use it."""
        found = SnapshotCollection(location=snapshot_location)
        found.add(Snapshot(name=f"test_snapshot[{Path(snapshot_location).stem}]"))
        return found

    def read_snapshot_data_from_location(
        self,
        *,
        snapshot_location: str,
        snapshot_name: str,  # noqa: ARG002 - a file holds one
        session_id: str,  # noqa: ARG002 - nothing is cached
    ) -> str | None:
        """The text of a file, whether or not it can be understood; None if there is none."""
        try:
            return Path(snapshot_location).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    @classmethod
    def write_snapshot_collection(
        cls,
        *,
        snapshot_collection: SnapshotCollection,
        name_order: dict[str, int] | None = None,  # noqa: ARG003 - a file holds one
    ) -> None:
        """Writes what the file becomes once the run has been decided."""
        (snapshot,) = snapshot_collection
        snapshots.write_pending(Path(snapshot_collection.location), str(snapshot.data))

    def delete_snapshots(
        self,
        *,
        snapshot_location: str,
        snapshot_names: set[str],  # noqa: ARG002 - a file holds one
    ) -> None:
        """Deletes a file that no leaf has any more."""
        Path(snapshot_location).unlink(missing_ok=True)
