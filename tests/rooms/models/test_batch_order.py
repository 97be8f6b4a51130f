import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.models.batch_order import (
    PICTURE_CHARACTERS,
    cost,
    cut_batches,
    rough_size,
    spread_by_cost,
)
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn


def batches(requests: Iterable[Request], size: int) -> list[tuple[Request, ...]]:
    return cut_batches(((cost(request), request) for request in requests), size)


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
    unique_by=lambda request: request.sample,
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
        of_kind = [len(batch) for batch in batches(given, size) if batch[0].type is ask]
        count = sum(request.type is ask for request in given)

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
    unique_by=lambda request: request.sample,
    max_size=60,
)


def size_of(request: Request) -> int:
    """What a picture counts as beside the characters is the business of `batching` alone."""
    options = sum(map(len, request.options))
    return request.prompt.length + options + PICTURE_CHARACTERS * len(request.prompt.pictures)


@given(grouped)
def test_groups_cut_batches_little_more_mixed(given: list[Request]) -> None:
    """What follows costs at most a quarter more than what comes before it with as many pictures."""
    ordered = [request for (request,) in batches(given, 1)]
    for one, other in pairwise(ordered):
        if len(one.prompt.pictures) == len(other.prompt.pictures):
            assert size_of(other) <= 1.25 * size_of(one)


@given(grouped)
def test_groups_are_reached_seldom(given: list[Request]) -> None:
    """A group comes up once for each kind of requests that cost about the same."""
    kinds = [(len(request.prompt.pictures), rough_size(size_of(request))) for request in given]
    places = {(*kind, group_of(request)) for kind, request in zip(kinds, given, strict=True)}
    ordered = [request for (request,) in batches(given, 1)]
    changes = sum(group_of(one) != group_of(other) for one, other in pairwise(ordered))

    assert changes < max(len(places), 1)


def group_of(request: Request) -> int:
    return request.prompt.pictures[0].group


@given(st.integers(1, 10**6))
def test_what_is_roughly_the_same(size: int) -> None:
    """A rough size loses less than a fifth of itself, and two steps apart is a quarter at most."""
    assert 0.8 * size < rough_size(size) <= size
    assert rough_size(rough_size(size)) == rough_size(size)


def test_without_groups_the_order_is_exact() -> None:
    """Pictures that may be read in any order do not make batches any more mixed."""
    lengths = [300, 299, 281, 280, 100, 3]
    given = [request(str(length), text="?" * length) for length in sorted(lengths)]

    assert [request.sample for (request,) in batches(given, 1)] == list(map(str, lengths))


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


@given(requests, st.integers(2, 9))
def test_a_spread_has_the_largest_of_each_kind(given: list[Request], most: int) -> None:
    """A few of each type and number of pictures, none of them twice, whatever the order."""
    costed = [(cost(request), request) for request in given]
    spread = spread_by_cost(costed, most=most)
    kinds: dict[tuple[RequestType, int], list[Request]] = {}
    for each in given:
        kinds.setdefault((each.type, len(each.prompt.pictures)), []).append(each)

    assert len({each.sample for each in spread}) == len(spread)
    for kind, members in kinds.items():
        chosen = [each for each in spread if (each.type, len(each.prompt.pictures)) == kind]
        assert len(chosen) == min(most, len(members))
        assert chosen[0].prompt.length == max(each.prompt.length for each in members)
    assert spread_by_cost(reversed(costed), most=most) == spread
