import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.documents import Documents
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.benchmarks.shapes_open import ShapesOpen
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.lint import lint
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.lookalikes import alike_digests
from pytest_mmbench.lint.pictures import read_pictures
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.testing import check_benchmark

PUBLISHED = Path(__file__).parents[2] / "fixtures" / "published"


def read(name: str, file: str) -> Benchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return registry.benchmark(name, {"data": str(PUBLISHED / name / file)})


MAKERS: dict[str, Callable[[], Benchmark]] = {
    "shapes": lambda: Shapes(per_axis=4),
    "shapes-open": lambda: ShapesOpen(per_axis=4),
    "documents-choice": lambda: Documents(per_axis=4),
    "documents-text": lambda: Documents(per_axis=4, answer="text"),
    "ai2d-tsv": lambda: read("ai2d", "AI2D_TEST.tsv"),
    "ai2d-parquet": lambda: read("ai2d", "lmms-lab"),
    "ai2d-original": lambda: read("ai2d", "ai2d"),
    "mathvista-hub": lambda: read("mathvista", "hub"),
    "mathvista-json": lambda: read("mathvista", "data"),
    "mmbench-tsv": lambda: read("mmbench", "MMBench_DEV_EN.tsv"),
    "mmbench-parquet": lambda: read("mmbench", "en"),
    "mmbench-cc": lambda: read("mmbench", "CCBench.tsv"),
    "mme-release": lambda: read("mme", "MME_Benchmark_release_version.zip"),
    "mme-tool": lambda: read("mme", "Your_Results.zip"),
    "mme-hub": lambda: read("mme", "hub"),
    "mme-tsv": lambda: read("mme", "MME.tsv"),
    "mmie": lambda: read("mmie", ""),
    "mmmu-subjects": lambda: read("mmmu", "subjects"),
    "mmmu-merged": lambda: read("mmmu", "merged"),
    "mmmu-tsv": lambda: read("mmmu", "MMMU_DEV_VAL.tsv"),
    "mmstar-parquet": lambda: read("mmstar", "mmstar.parquet"),
    "mmstar-tsv": lambda: read("mmstar", "MMStar.tsv"),
    "mmstar-columns": lambda: read("mmstar", "MMStar_columns.tsv"),
    "scienceqa-tsv": lambda: read("scienceqa", "ScienceQA_TEST.tsv"),
    "scienceqa-parquet": lambda: read("scienceqa", "hub"),
    "scienceqa-original": lambda: read("scienceqa", "original"),
    "seed-bench-json": lambda: read("seed-bench", "SEED-Bench.json"),
    "seed-bench-parquet": lambda: read("seed-bench", "test-00000-of-00001.parquet"),
    "seed-bench-tsv": lambda: read("seed-bench", "SEEDBench_IMG.tsv"),
    "seed-bench-2-json": lambda: read("seed-bench-2", "SEED-Bench_v2_level1_2_3.json"),
    "seed-bench-2-parquet": lambda: read("seed-bench-2", "test-00000-of-00001.parquet"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_built_in_benchmark_keeps_the_contract(make: Callable[[], Benchmark]) -> None:
    """Tree, ids, samples, pictures and requests are as the protocol promises."""
    check_benchmark(make())


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_built_in_benchmark_can_be_looked_through(make: Callable[[], Benchmark]) -> None:
    """No check of questions fails on published ones, and none finds an answer that is no answer."""
    benchmark = make()
    leaves = [node.path for node in benchmark.dimensions() if not node.skip_reason]
    ids = {
        id
        for leaf in benchmark.dimensions()[0].leaves
        if leaf in leaves
        for id in benchmark.ids(leaf)
    }
    samples = tuple(benchmark.sample(id) for id in sorted(ids))
    pictures = read_pictures(samples, lambda *_: None)

    alike = alike_digests(pictures.values())
    findings = lint(QuestionSet(samples=samples, pictures=pictures, alike=alike))

    wrong = {"no-such-answer", "empty-option", "unreadable-picture", "empty-question"}
    assert not wrong & {finding.check for finding in findings}
