"""Published files that a test writes, in the layout that it is about."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from publishing.pictures import as_text, grey

from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Sample
from pytest_mmbench.testing import samples


class Published:
    """A folder for the files of one benchmark."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def picture(self, shade: int = 0) -> bytes:
        """The same PNG for the same shade of grey."""
        return grey(shade)

    def base64(self, shade: int = 0) -> str:
        """The same picture as text."""
        return as_text(grey(shade))

    def text(self, name: str, text: str | bytes) -> Path:
        """Any file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def tsv(self, name: str, *rows: Sequence[str]) -> Path:
        """A file of these rows, the header first; quotes are written as they are given."""
        return self.text(name, "".join("\t".join(row) + "\n" for row in rows))


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """An empty folder."""
    return Published(tmp_path)


@pytest.fixture
def described() -> Callable[[Benchmark], list[dict[str, object]]]:
    """Says of every sample what `samples.json` beside a benchmark's fixture says of it."""
    return lambda benchmark: [_described(benchmark, each) for each in samples(benchmark)]


def _described(benchmark: Benchmark, sample: Sample) -> dict[str, object]:
    leaves = benchmark.dimensions()[0].leaves
    nodes = [node.path for node in benchmark.dimensions() if node.leaves == (node.path,)]
    views = [path for path in nodes if path not in leaves and sample.id in benchmark.ids(path)]
    return {
        "id": sample.id,
        "dimension": sample.dimension,
        "question": sample.question,
        "options": list(sample.options),
        "target": sample.target,
        "accepted": list(sample.accepted),
        "pictures": len(sample.pictures),
        "views": sorted(path.removeprefix(f"{benchmark.name}.") for path in views),
    }
