"""What is known of changed pictures without making them."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition, pixels
from pytest_mmbench.conditions.pixels import altered
from pytest_mmbench.errors import DataError
from pytest_mmbench.images import Original, software_identity
from pytest_mmbench.records import Picture, Sample

LEAF = "shapes.math.digits"
ALTERED = ("black", "blur", "grey", "noise", "patch-shuffle", "patch-shuffle-3", "white")
SHOWN = (*ALTERED, "mismatched", "mismatched+grey", "noise+mismatched")


def unread() -> bytes:
    raise AssertionError("a picture was read")


def asked(number: int, *identities: str, read: Callable[[], bytes] = unread) -> Sample:
    pictures = tuple(
        Picture(name=f"{number}-{at}", read=read, identity=partial(str, each))
        for at, each in enumerate(identities)
    )
    return Sample(
        id=f"q{number}",
        dimension="art.colour",
        question="Which?",
        options=("one", "other"),
        target="A",
        pictures=pictures,
    )


def identities(name: str, samples: Sequence[Sample], seed: int = 0) -> list[str]:
    changed = condition(name)(samples, seed=seed)
    return [picture.identity() for sample in changed for picture in sample.pictures]


@pytest.mark.parametrize("name", SHOWN)
def test_changed_pictures_are_known_unread(name: str) -> None:
    """The same in every run; others for other samples, seeds, conditions and originals."""
    leaf = [asked(1, "a", "b"), asked(2, "c", "d"), asked(3, "e", "f")]
    first = identities(name, leaf)
    others = [
        *identities(name, leaf, seed=1),
        *identities("white" if name == "grey" else "grey", leaf),
        *identities(name, [asked(1, "A", "B"), asked(2, "C", "D"), asked(3, "E", "F")]),
        *"abcdef",
    ]

    assert first == identities(name, leaf)
    assert len(set(first)) == 6
    assert not {*first} & {*others, ""}


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_known_of_what_was_made_of_the_unknown(name: str) -> None:
    """A picture without an identity has none under any condition."""
    assert set(identities(name, [asked(1, ""), asked(2, ""), asked(3, "")])) == {""}


def test_who_gives_may_depend_on_every_picture_of_the_leaf() -> None:
    """One that is not known is enough: whether it shows the same, only its bytes tell."""
    assert set(identities("mismatched", [asked(1, "a"), asked(2, "b"), asked(3, "")])) == {""}
    assert "" not in identities("grey", [asked(1, "a"), asked(2, "b")])


leaves = st.lists(st.sampled_from("abc"), min_size=2, max_size=6)


@given(leaves, leaves, st.integers(0, 2))
def test_one_identity_is_never_given_to_two_pictures(
    one: list[str], other: list[str], seed: int
) -> None:
    """Whatever leaves of whatever versions of the data are asked one after the other."""
    known: dict[str, bytes] = {}
    for contents in (one, other):
        leaf = [asked(at, each, read=each.encode) for at, each in enumerate(contents)]
        try:
            shown = [
                (picture.identity(), picture.read())
                for sample in condition("mismatched")(leaf, seed=seed)
                for picture in sample.pictures
            ]
        except DataError:
            continue
        for name, content in shown:
            assert known.setdefault(name, content) == content


def test_a_condition_of_another_package_is_not_believed() -> None:
    """Nobody knows when it begins to paint otherwise, unless it says so."""

    def paint(original: Original) -> bytes:
        return original.seed_text.encode()

    leaf = [asked(1, "a")]
    (silent,) = altered(leaf, paint, name="own", seed=0)
    (old,) = altered(leaf, paint, name="own", seed=0, version=lambda: "1")
    (new,) = altered(leaf, paint, name="own", seed=0, version=lambda: "2")
    found = [each.pictures[0].identity() for each in (silent, old, new)]

    assert found[0] == ""
    assert len(set(found)) == 3


def test_the_group_of_a_picture_stays() -> None:
    """Pictures are made of what lies there, so they are asked in the same order."""
    sample = asked(1, "a")
    (picture,) = sample.pictures
    grouped = Picture(name="p", read=picture.read, identity=picture.identity, group=7)
    other = asked(2, "b")
    leaf = [Sample(id="q1", dimension="art.colour", question="?", options=("1", "2"), target="A",
                   pictures=(grouped,)), other]  # fmt: skip

    for name in SHOWN:
        assert condition(name)(leaf, seed=0)[0].pictures[0].group == 7


def drawn(shapes: Shapes) -> dict[str, bytes]:
    found = {}
    for id in shapes.ids(LEAF):
        (picture,) = shapes.sample(id).pictures
        found[picture.identity()] = hashlib.sha256(picture.read()).digest()
    return found


def test_drawn_pictures_are_known_by_what_draws_them() -> None:
    """Seed and id say which scene it is; how many others there are does not matter."""
    few, many, other = Shapes(per_axis=3), Shapes(per_axis=6), Shapes(per_axis=3, seed=5)

    assert drawn(few).items() <= drawn(many).items()
    assert len(drawn(few) | drawn(other)) == 6


def test_another_library_is_another_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next version may draw, blur or compress in another way; one not known is not believed."""
    before = drawn(Shapes(per_axis=1)).keys(), identities("blur", [asked(1, "a")])
    monkeypatch.setattr(
        "pytest_mmbench.benchmarks.draws.software_identity",
        lambda *_: software_identity("pytest"),
    )
    monkeypatch.setattr(
        pixels, "software_identity", lambda *_: software_identity("no such library")
    )

    assert drawn(Shapes(per_axis=1)).keys().isdisjoint(before[0])
    assert identities("blur", [asked(1, "a")]) == [""]
    assert before[1] != [""]
