from dataclasses import replace

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.benchmarks.wrappers import (
    CircularBenchmark,
    FilteredBenchmark,
    counts_samples,
    pass_of,
)
from pytest_mmbench.records import LETTERS, Method, Sample, Unit, letters
from pytest_mmbench.testing import check_benchmark, samples

SHAPES = Shapes(per_axis=3)


def test_fewer_keeps_the_contract() -> None:
    """A benchmark without some samples is a benchmark."""
    check_benchmark(
        FilteredBenchmark(SHAPES, {"counting-0001", "digits-0000", "digits-0001", "digits-0002"})
    )


def test_what_is_left_out_is_gone() -> None:
    """From its leaf and from every node above; a leaf that loses all stays, empty."""
    fewer = FilteredBenchmark(
        SHAPES, {"counting-0001", "digits-0000", "digits-0001", "digits-0002"}
    )
    sizes = {node.path: node.size for node in fewer.dimensions()}

    assert sizes["shapes"] == 54 - 4
    assert sizes["shapes.math.digits"] == 0
    assert list(fewer.ids("shapes.fine-grained-perception.counting")) == [
        "counting-0000",
        "counting-0002",
    ]
    assert fewer.variant == "4 left out"


def test_another_list_is_another_revision() -> None:
    """The order of a list changes nothing."""
    one, same = FilteredBenchmark(SHAPES, ["a", "b"]), FilteredBenchmark(SHAPES, ["b", "a"])

    assert one.revision == same.revision
    assert FilteredBenchmark(SHAPES, ["a"]).revision != one.revision
    assert one.revision.startswith(SHAPES.revision)


def test_circular_keeps_the_contract() -> None:
    """Every rotation is a sample, and questions count."""
    circular = CircularBenchmark(SHAPES)

    check_benchmark(circular)
    assert {node.unit for node in circular.dimensions()} == {Unit.ALL_CORRECT}
    assert circular.dimensions()[0].size == 54 * 4


def test_every_option_stands_at_every_letter_once() -> None:
    """The right text is the same in all passes, and its letter in none."""
    circular = CircularBenchmark(SHAPES)
    passes = [circular.sample(f"counting-0001@{by}") for by in range(4)]
    right = {each.options[LETTERS.index(each.target)] for each in passes}

    assert len(right) == 1
    assert {each.target for each in passes} == set("ABCD")
    assert {each.unit for each in passes} == {"counting-0001"}
    assert passes[0].options == SHAPES.sample("counting-0001").options


class Lettered(FilteredBenchmark):
    """A benchmark whose options stand in its pictures, so that their texts are their letters."""

    def sample(self, id: str) -> Sample:
        sample = super().sample(id)
        return replace(sample, options=letters(sample.options))


def test_options_that_no_rotation_moves_are_asked_once() -> None:
    """Four times the same question would be guessed once in four times, and not once in 256."""
    circular = CircularBenchmark(Lettered(SHAPES, ()))

    check_benchmark(circular)
    assert circular.dimensions()[0].size == 54


@pytest.mark.parametrize("method", [Method.RANK, Method.GENERATE])
def test_rotations_are_worded_as_the_benchmark_words_them(method: Method) -> None:
    """The first pass is the published question; the others list the options as they now stand."""
    circular = CircularBenchmark(SHAPES)
    published = SHAPES.request(SHAPES.sample("size-0002"), method)
    first = circular.request(circular.sample("size-0002@0"), method)
    second = circular.request(circular.sample("size-0002@1"), method)

    assert first.prompt == published.prompt
    assert first.sample == "size-0002@0"
    assert second.prompt != published.prompt


def test_ids_may_hold_the_sign_themselves() -> None:
    """The last one counts."""
    assert pass_of("a@b@3") == ("a@b", 3)


def test_only_what_counts_by_samples_becomes_circular() -> None:
    """A benchmark that is circular already has units of its own."""
    assert counts_samples(SHAPES)
    assert not counts_samples(CircularBenchmark(SHAPES))
    assert len(list(samples(CircularBenchmark(SHAPES)))) == 54 * 4
