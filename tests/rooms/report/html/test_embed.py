import pytest

from pytest_mmbench.errors import DataError
from pytest_mmbench.report.html.embed import BLOCK, MISSING, SampleKey, embed_pictures


class Drawer:
    """Pictures of equal size, which remembers which samples it was asked for."""

    def __init__(self, size: int = 3) -> None:
        self.samples: list[str] = []
        self._size = size

    def __call__(self, benchmark: str, sample: str) -> bytes:
        self.samples.append(sample)
        if sample == "damaged":
            raise DataError("picture 'x' cannot be read.")
        return b"" if sample == "none" else b"x" * self._size


def names(*samples: str) -> list[SampleKey]:
    return [SampleKey(benchmark="shapes", sample=each) for each in samples]


def test_pictures_are_numbered_through_all_blocks() -> None:
    """The number of a picture says its block and its place there."""
    samples = names(*(f"s{at}" for at in range(BLOCK + 2)))

    gallery = embed_pictures(samples, Drawer())

    assert [len(block) for block in gallery.blocks] == [BLOCK, 2]
    assert list(gallery.numbers.values()) == list(range(BLOCK + 2))
    assert gallery.blocks[0][0] == "data:image/webp;base64,eHh4"
    assert gallery.left_out == 0


def test_the_budget() -> None:
    """Pictures are embedded in their order until it is spent, and no more are made than that."""
    drawer = Drawer(size=300)
    one = len("data:image/webp;base64,") + 400

    gallery = embed_pictures(names("a", "b", "c", "d"), drawer, budget=2 * one)

    assert list(gallery.numbers) == names("a", "b")
    assert gallery.left_out == 2
    assert drawer.samples == ["a", "b", "c"]


def test_no_room_at_all() -> None:
    """A budget of nothing leaves every picture out."""
    gallery = embed_pictures(names("a", "b"), Drawer(), budget=0)

    assert (gallery.blocks, gallery.numbers, gallery.left_out) == ((), {}, 2)


def test_a_sample_that_is_shown_twice() -> None:
    """Its picture is made once; samples of two benchmarks are two, whatever they are called."""
    drawer = Drawer()

    gallery = embed_pictures([*names("a", "a"), SampleKey(benchmark="other", sample="a")], drawer)

    assert drawer.samples == ["a", "a"]
    assert list(gallery.numbers.values()) == [0, 1]


def test_what_has_no_picture() -> None:
    """None, or a damaged one: the report goes on without it, and says so."""
    gallery = embed_pictures(names("none", "damaged", "a"), Drawer())

    assert list(gallery.numbers.values()) == [MISSING, MISSING, 0]
    assert [len(block) for block in gallery.blocks] == [1]


@pytest.mark.parametrize(
    ("start", "kind"), [(b"\x89PNG\r\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF89a", "gif")]
)
def test_other_formats(start: bytes, kind: str) -> None:
    """A caller's own pictures may come in the formats that every browser shows."""
    gallery = embed_pictures(names("a"), lambda benchmark, sample: start)

    assert gallery.blocks[0][0].startswith(f"data:image/{kind};base64,")
