import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, pairwise
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.evaluation.sampling import stratified
from pytest_mmbench.models.batching import PICTURE, batches, cost, roughly
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn


def unread() -> bytes:
    raise AssertionError("a picture was read")


def request(
    sample: str,
    *,
    ask: RequestType = RequestType.LOGLIKELIHOOD,
    pictures: int = 1,
    text: str = "?",
    new_tokens: int = 0,
    group: int = 0,
) -> Request:
    shown = tuple(Picture(name=str(at), read=unread, group=group) for at in range(pictures))
    return Request(
        sample=sample,
        type=ask,
        prompt=Prompt(turns=(Turn(role="user", parts=(*shown, text)),)),
        options=("yes", "no"),
        new_tokens=new_tokens,
    )


requests = st.lists(
    st.builds(
        request,
        sample=st.integers(0, 999).map(str),
        ask=st.sampled_from(RequestType),
        pictures=st.integers(0, 3),
        text=st.text("ab", max_size=5),
        new_tokens=st.integers(0, 2),
        group=st.integers(0, 3),
    ),
    unique_by=lambda each: each.sample,
    max_size=40,
)
sizes = st.integers(1, 9)


@given(requests, sizes)
def test_nothing_is_lost_and_nothing_asked_twice(given: list[Request], size: int) -> None:
    """Every request lies in exactly one batch."""
    assert Counter(chain.from_iterable(batches(given, size))) == Counter(given)


@given(requests, sizes)
def test_batches_are_full(given: list[Request], size: int) -> None:
    """All batches of one kind have the wanted size, but for its last; none mixes two kinds."""
    for ask in RequestType:
        of_kind = [len(each) for each in batches(given, size) if each[0].type is ask]
        count = sum(each.type is ask for each in given)

        assert sum(of_kind) == count
        assert of_kind == [size] * (count // size) + [count % size] * bool(count % size)


@given(requests, sizes, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    given: list[Request], size: int, dice: random.Random
) -> None:
    """The same requests in another order give the same batches."""
    shuffled = dice.sample(given, len(given))

    assert batches(shuffled, size) == batches(given, size)


def test_the_costly_come_first() -> None:
    """Most new tokens, then most pictures, then longest text, then the sample's id."""
    ordered = [
        request("a", new_tokens=2),
        request("b", pictures=3),
        request("c", pictures=2, text="long text"),
        request("d", pictures=2, text="short"),
        request("e"),
        request("f"),
    ]

    assert batches(reversed(ordered), 4) == [tuple(ordered[:4]), tuple(ordered[4:])]


def test_long_options_cost_too() -> None:
    """The characters of the options count as those of the prompt."""
    assert cost(request("a", text="")).characters == -len("yesno")


grouped = st.lists(
    st.builds(
        request,
        sample=st.integers(0, 999).map(str),
        pictures=st.integers(1, 2),
        text=st.integers(0, 2_000).map("?".__mul__),
        group=st.integers(1, 4),
    ),
    unique_by=lambda each: each.sample,
    max_size=60,
)


def size_of(request: Request) -> int:
    """What a picture counts as beside the characters is the business of `batching` alone."""
    options = sum(map(len, request.options))
    return request.prompt.length + options + PICTURE * len(request.prompt.pictures)


@given(grouped)
def test_groups_make_batches_little_more_mixed(given: list[Request]) -> None:
    """What follows costs at most a quarter more than what comes before it with as many pictures."""
    ordered = [each for (each,) in batches(given, 1)]
    for one, other in pairwise(ordered):
        if len(one.prompt.pictures) == len(other.prompt.pictures):
            assert size_of(other) <= 1.25 * size_of(one)


@given(grouped)
def test_groups_are_reached_seldom(given: list[Request]) -> None:
    """A group comes up once for each kind of requests that cost about the same."""
    kinds = [(len(each.prompt.pictures), roughly(size_of(each))) for each in given]
    places = {(*kind, group_of(each)) for kind, each in zip(kinds, given, strict=True)}
    ordered = [each for (each,) in batches(given, 1)]
    changes = sum(group_of(one) != group_of(other) for one, other in pairwise(ordered))

    assert changes < max(len(places), 1)


def group_of(request: Request) -> int:
    return request.prompt.pictures[0].group


@given(st.integers(1, 10**6))
def test_what_is_roughly_the_same(size: int) -> None:
    """A rough size loses less than a fifth of itself, and two steps apart is a quarter at most."""
    assert 0.8 * size < roughly(size) <= size
    assert roughly(roughly(size)) == roughly(size)


def test_without_groups_the_order_is_exact() -> None:
    """Pictures that may be read in any order do not make batches any more mixed."""
    lengths = [300, 299, 281, 280, 100, 3]
    given = [request(str(length), text="?" * length) for length in sorted(lengths)]

    assert [each.sample for (each,) in batches(given, 1)] == list(map(str, lengths))


def about(sample: str, *pictures: Picture, text: str) -> Request:
    return replace(
        request(sample), prompt=Prompt(turns=(Turn(role="user", parts=(*pictures, text)),))
    )


def test_what_shows_the_same_picture_is_asked_together() -> None:
    """It stands where the costliest of it stands; a picture that is lent counts as its owner."""
    one, other = (Picture(name=name, read=unread) for name in ("one.png", "other.png"))
    lent = Picture(name="mismatched/other.png", read=unread, shown_as="one.png")
    ordered = [
        about("a", one, text="the longest text"),
        about("b", lent, text="text"),
        about("c", one, text=""),
        about("d", other, text="long text"),
    ]

    assert batches(reversed(ordered), 4) == [tuple(ordered)]


class Endless(Sequence[str]):
    """Ids of a leaf, made on demand; notes how many were."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.made = 0

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        assert isinstance(at, int)
        if not 0 <= at < self.size:
            raise IndexError(at)
        self.made += 1
        return f"{at:06}"


leaves = st.dictionaries(st.text("abc", max_size=3), st.integers(0, 60), max_size=8)
limits = st.integers(1, 100)


def chosen(sizes: dict[str, int], limit: int, seed: int = 0) -> dict[str, tuple[str, ...]]:
    return stratified({leaf: Endless(size) for leaf, size in sizes.items()}, limit, seed)


@given(leaves, limits, st.integers(0, 9))
def test_the_limit_is_used_up_and_never_exceeded(
    sizes: dict[str, int], limit: int, seed: int
) -> None:
    """As many samples are chosen as the limit allows, each once, in the order of the data."""
    picked = chosen(sizes, limit, seed)

    assert sum(map(len, picked.values())) == min(limit, sum(sizes.values()))
    assert picked.keys() == sizes.keys()
    for leaf, ids in picked.items():
        assert list(ids) == sorted(set(ids))
        assert len(ids) <= sizes[leaf]


@given(leaves, limits)
def test_every_leaf_has_a_sample_if_the_limit_allows(sizes: dict[str, int], limit: int) -> None:
    """A limit that has one sample for each leaf gives each leaf at least one."""
    filled = [leaf for leaf, size in sizes.items() if size]
    picked = chosen(sizes, limit)

    assert len(filled) > limit or all(picked[leaf] for leaf in filled)


@given(leaves.filter(lambda sizes: sum(sizes.values()) > 0), limits)
def test_shares_follow_the_sizes(sizes: dict[str, int], limit: int) -> None:
    """No leaf gets a whole sample more than its proportional share, unless it is its only one."""
    picked = chosen(sizes, limit)
    fraction = Fraction(min(limit, sum(sizes.values())), sum(sizes.values()))

    for leaf, ids in picked.items():
        assert len(ids) <= 1 or len(ids) < sizes[leaf] * fraction + 1


@pytest.mark.parametrize(
    ("limit", "shares"),
    [(10, (5, 3, 2)), (11, (5, 4, 2)), (1, (1, 0, 0)), (3, (1, 1, 1)), (4, (2, 1, 1))],
)
def test_largest_remainders_by_hand(limit: int, shares: tuple[int, ...]) -> None:
    """Shares of leaves of 50, 32 and 18 samples, worked out on paper."""
    picked = chosen({"a": 50, "b": 32, "c": 18}, limit)

    assert tuple(map(len, picked.values())) == shares


@given(st.integers(1, 60), st.data())
def test_a_larger_limit_keeps_what_a_smaller_one_chose(size: int, data: st.DataObject) -> None:
    """Answers that were paid for under a small limit are used again under a larger one."""
    small = data.draw(st.integers(1, size))
    large = data.draw(st.integers(small, size))

    assert set(chosen({"a": size}, small)["a"]) <= set(chosen({"a": size}, large)["a"])


def test_a_leaf_does_not_depend_on_its_neighbours() -> None:
    """With an equal share, a leaf keeps its samples when others come, go or move."""
    alone = chosen({"a": 100, "b": 100}, 20)
    moved = chosen({"c": 100, "a": 100}, 20)

    assert len(alone["a"]) == 10
    assert moved["a"] == alone["a"]
    assert moved["c"] != alone["b"]


def test_seeds_choose_differently() -> None:
    """Another seed is another choice, and the same seed the same one."""
    assert chosen({"a": 100}, 10, seed=1) == chosen({"a": 100}, 10, seed=1)
    assert chosen({"a": 100}, 10, seed=1) != chosen({"a": 100}, 10, seed=2)


@given(leaves, st.integers(0, 9))
def test_no_limit_is_all(sizes: dict[str, int], seed: int) -> None:
    """Limit 0 leaves nothing out."""
    assert [len(ids) for ids in chosen(sizes, 0, seed).values()] == list(sizes.values())


def test_every_sample_is_as_likely_as_any_other() -> None:
    """Over many seeds each sample of a leaf is drawn about equally often."""
    counts = Counter(chain.from_iterable(chosen({"a": 10}, 3, seed)["a"] for seed in range(2000)))

    # 600 expected, standard deviation 20.5: five of them leave one false alarm in 10^5 runs.
    assert all(abs(count - 600) < 103 for count in counts.values())
    assert len(counts) == 10


def test_a_small_limit_makes_few_ids() -> None:
    """Of a lazy leaf only the chosen ids are made."""
    leaf = Endless(100_000)

    stratified({"a": leaf, "b": Endless(3)}, 5, 0)

    assert leaf.made == 4
