"""Mismatched pictures: whose pictures are shown, and when there are no others."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_mmbench.conditions.mismatched import mismatched
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Picture, Sample


def picture(content: str, name: str = "") -> Picture:
    return Picture(name=name or content, read=content.encode)


def asked(number: int, pictures: Sequence[Picture], cluster: str = "") -> Sample:
    return Sample(
        id=f"q{number}",
        dimension="art.colour",
        question="Which?",
        options=("one", "other"),
        target="A",
        pictures=tuple(pictures),
        cluster=cluster,
    )


def leaf(contents: Sequence[str], *, named: bool = True) -> list[Sample]:
    """One picture each; its name tells its content, or does not."""
    return [
        asked(number, [picture(content, "" if named else f"row {number}")])
        for number, content in enumerate(contents)
    ]


def shown(sample: Sample) -> list[bytes]:
    return [each.read() for each in sample.pictures]


SEEDS = st.integers(0, 2**32)
CONTENTS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40)


@given(st.integers(2, 60), SEEDS)
def test_different_pictures_are_permuted_without_a_fixed_point(size: int, seed: int) -> None:
    """Each is shown once, and never to the sample that it belongs to."""
    samples = leaf([str(number) for number in range(size)])
    given_to = [shown(each)[0] for each in mismatched(samples, seed=seed)]

    assert sorted(given_to) == sorted(shown(each)[0] for each in samples)
    assert all(got != shown(own)[0] for got, own in zip(given_to, samples, strict=True))


@given(CONTENTS, SEEDS)
def test_shared_pictures_are_permuted_while_none_is_the_majority(
    contents: list[str], seed: int
) -> None:
    """Samples of one picture never show each other, and each picture is shown once."""
    most = max(Counter(contents).values())
    contents += [f"lone {number}" for number in range(2 * most - len(contents))]
    samples = leaf(contents)
    given_to = [shown(each)[0] for each in mismatched(samples, seed=seed)]

    assert Counter(given_to) == Counter(shown(each)[0] for each in samples)
    assert all(got != shown(own)[0] for got, own in zip(given_to, samples, strict=True))


@given(st.integers(1, 12), st.integers(1, 20), SEEDS)
def test_a_majority_is_shown_the_others_pictures_evenly(few: int, more: int, seed: int) -> None:
    """Where no permutation can do it, no picture is shown more often than it must be."""
    many = few + more
    samples = leaf(["common"] * many + [f"lone {number}" for number in range(few)])
    given_to = [shown(each)[0] for each in mismatched(samples, seed=seed)]
    to_many, to_few = Counter(given_to[:many]), given_to[many:]

    assert to_few == [b"common"] * few
    assert b"common" not in to_many
    assert max(to_many.values()) - min(to_many.values()) <= 1
    assert len(to_many) == few


@given(CONTENTS, SEEDS, st.randoms(use_true_random=False))
def test_names_that_hide_twins_are_seen_through(
    contents: list[str], seed: int, generator: random.Random
) -> None:
    """Same bytes under other names never stand for themselves, in whatever order one reads."""
    assume(len(set(contents)) > 1)
    samples = leaf(contents, named=False)
    forward = [shown(each)[0] for each in mismatched(samples, seed=seed)]
    planned = mismatched(samples, seed=seed)
    order = generator.sample(range(len(samples)), len(samples))
    mixed = {at: shown(planned[at])[0] for at in order}

    assert all(got.decode() != own for got, own in zip(forward, contents, strict=True))
    assert [mixed[at] for at in range(len(samples))] == forward


@given(
    st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=3), min_size=2, max_size=20), SEEDS
)
def test_a_sample_is_shown_as_many_pictures_as_it_has_and_none_of_its_own(
    contents: list[list[str]], seed: int
) -> None:
    """With several pictures, with overlaps, and beside samples without any; or it is refused."""
    samples = [asked(at, [picture(each) for each in few]) for at, few in enumerate(contents)]
    every = set(itertools.chain(*contents))
    if any(few and set(few) == every for few in contents):
        with pytest.raises(DataError):
            mismatched(samples, seed=seed)
        return
    for before, after in zip(samples, mismatched(samples, seed=seed), strict=True):
        assert len(after.pictures) == len(before.pictures)
        assert set(shown(after)).isdisjoint(shown(before))
        assert replace(after, pictures=before.pictures) == before


@given(st.integers(2, 12), SEEDS)
def test_several_pictures_come_from_one_sample_where_one_fits(size: int, seed: int) -> None:
    """A comic strip is answered by another strip, not by a heap of frames."""
    samples = [asked(at, [picture(f"{at} left"), picture(f"{at} right")]) for at in range(size)]
    loners = [asked(size + at, [picture(f"alone {at}")]) for at in range(3)]
    strips = mismatched([*samples, *loners], seed=seed)[:size]
    sources = {tuple(shown(each)) for each in samples}

    assert {tuple(shown(each)) for each in strips} == sources


def test_places_that_nobody_can_fill_at_once_are_filled_one_by_one() -> None:
    """Three pictures beside samples of one: each place has another's, and in turn if need be."""
    three = asked(0, [picture("x"), picture("y"), picture("z")])
    for others in (leaf("abcde"), leaf("ab")):
        alone = [replace(each, id=f"other {each.id}") for each in others]
        first = mismatched([three, *alone], seed=3)[0]
        filled = [each.decode() for each in shown(first)]
        assert len(filled) == 3
        assert set(filled) <= set("abcde")
        assert len(set(filled)) == min(3, len(others))


def test_planning_reads_nothing_and_reading_reads_two() -> None:
    """A picture is compared with one other; twenty-four thousand are not hashed for that."""
    reads: list[str] = []

    def noted(name: str) -> Picture:
        def read() -> bytes:
            reads.append(name)
            return name.encode()

        return Picture(name=name, read=read)

    samples = [asked(at, [noted(f"{at}.png")]) for at in range(50)]
    planned = mismatched(samples, seed=0)
    assert reads == []

    shown(planned[7])
    assert len(set(reads)) == 2
    before = len(reads)
    shown(planned[7])
    assert len(reads) == before + 1


def test_the_bytes_are_those_of_the_other_sample() -> None:
    """Encoded once by its publisher, and not again."""
    one, other = leaf(["one", "other"])

    assert [shown(each) for each in mismatched([one, other], seed=0)] == [[b"other"], [b"one"]]


def test_samples_of_one_cluster_do_not_give_to_each_other() -> None:
    """A benchmark that knows what is shared is believed, before anything is read."""
    clusters = ["a", "a", "a", "", "", ""]
    samples = [
        asked(at, [picture(f"{at}")], cluster=cluster) for at, cluster in enumerate(clusters)
    ]
    given_to = [int(shown(each)[0]) for each in mismatched(samples, seed=5)]

    assert set(given_to[:3]) == {3, 4, 5}


def test_another_seed_gives_other_pairs() -> None:
    """The pairs are drawn, and the seed says how."""
    samples = leaf([str(number) for number in range(40)])
    pairs = [[shown(each) for each in mismatched(samples, seed=seed)] for seed in (0, 0, 1)]

    assert pairs[0] == pairs[1] != pairs[2]


@pytest.mark.parametrize("samples", [leaf("a"), leaf("aaa")], ids=["one sample", "one picture"])
def test_a_leaf_without_another_picture_is_refused_at_once(samples: list[Sample]) -> None:
    """Its cases can be left out with this reason before a model is asked."""
    with pytest.raises(DataError) as caught:
        mismatched(samples, seed=0)

    assert str(caught.value).splitlines() == [
        "mmbench: art.colour has no picture that sample 'q0' does not show already.",
        "  asked for by   condition mismatched",
        "  what to do     leave mismatched out for this dimension",
    ]


def test_one_cluster_is_no_leaf_to_mismatch() -> None:
    """Also where its pictures have different names."""
    samples = [asked(at, [picture(f"{at}")], cluster="a") for at in range(3)]
    with pytest.raises(DataError, match="no picture that sample"):
        mismatched(samples, seed=0)


def test_twins_that_only_their_bytes_betray_are_refused_when_read() -> None:
    """Nothing but the truth is shown, and the sample is named."""
    planned = mismatched(leaf("aaa", named=False), seed=0)
    with pytest.raises(DataError, match="no picture that sample 'q2' does not show"):
        shown(planned[2])


def test_a_picture_that_cannot_be_read_is_told_as_it_is() -> None:
    """The error of whoever reads it goes through, and the next try may succeed."""
    tries = itertools.count()

    def read() -> bytes:
        if not next(tries):
            raise DataError("the disk is gone.")
        return b"back"

    samples = [*leaf("a"), asked(1, [Picture(name="b", read=read)])]
    planned = mismatched(samples, seed=0)
    with pytest.raises(DataError, match="the disk is gone"):
        shown(planned[0])

    assert shown(planned[0]) == [b"back"]


@given(st.integers(2, 60), SEEDS)
def test_a_picture_tells_who_most_likely_lends_it(size: int, seed: int) -> None:
    """Where names tell pictures apart, that is who does; nothing is read to know it."""
    samples = leaf([str(number) for number in range(size)])

    for each in mismatched(samples, seed=seed):
        assert [picture.shown_as.encode() for picture in each.pictures] == shown(each)
