from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.report.tree import ancestors, places

PATHS = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join), unique=True
)


def test_a_node_is_named_below_the_nearest_one_shown() -> None:
    """With a level left out, its name moves into the names below it."""
    found = list(places(["s", "s.math.digits", "t.x"]))

    assert [(each.name, each.depth, each.above) for each in found] == [
        ("s", 0, ""),
        ("math.digits", 1, "s"),
        ("t.x", 0, ""),
    ]


@given(PATHS)
def test_names_and_places_give_the_path_again(paths: list[str]) -> None:
    """Nothing of a path is lost, and depth counts the nodes above that are shown."""
    found = {each.path: each for each in places(paths)}

    for path, place in found.items():
        whole = f"{place.above}.{place.name}" if place.above else place.name
        assert whole == path
        assert place.depth == (found[place.above].depth + 1 if place.above else 0)


def test_ancestors() -> None:
    """From the nearest to the root."""
    assert list(ancestors("a.b.c")) == ["a.b", "a"]
    assert list(ancestors("a")) == []
