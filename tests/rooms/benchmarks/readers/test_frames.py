import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from publishing.films import film
from publishing.pictures import number

from pytest_mmbench.benchmarks.readers import frames

CONTAINERS = [
    ("m.mp4", "mpeg4"),
    ("m.mp4", "libx264"),
    ("m.avi", "mpeg4"),
    ("m.webm", "libvpx-vp9"),
    ("m.mkv", "libx264"),
]


def decoded(path: Path, numbers: Sequence[int]) -> list[int]:
    with path.open("rb") as file:
        return [number(each) for each in frames.decode_frames(file, lambda **_: numbers)]


@pytest.mark.parametrize(("name", "codec"), CONTAINERS)
def test_frames_are_those_of_their_numbers(tmp_path: Path, name: str, codec: str) -> None:
    """In every container, between key frames and at them, in any order and twice."""
    path = film(tmp_path / name, frames=100, codec=codec)
    wanted = [0, 11, 12, 13, 50, 99, 99, 3]

    assert decoded(path, wanted) == wanted


@pytest.mark.parametrize(("name", "codec"), CONTAINERS)
def test_frames_are_the_same_when_all_are_decoded(tmp_path: Path, name: str, codec: str) -> None:
    """Looking a frame up by its time gives what counting from the first frame gives."""
    path = film(tmp_path / name, frames=60, codec=codec)

    with path.open("rb") as file:
        info = frames._video_info(file)
        sought = frames._decode_by_time(file, {info.times[at]: at for at in range(20, 40)})
        counted = frames._decode_by_count(file, range(20, 40))

    assert info.length == 60
    assert info.rate == pytest.approx(15)
    assert sought == counted


class Counting:
    """A container that counts the frames which it gives."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self.decoded = 0

    def seek(self, *args: Any, **how: Any) -> None:
        self._container.seek(*args, **how)

    def decode(self, stream: Any) -> Iterator[Any]:
        for frame in self._container.decode(stream):
            self.decoded += 1
            yield frame


def test_a_clip_of_a_long_film_costs_no_more_than_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding starts at the last key frame before it, and ends right after it."""
    path = film(tmp_path / "m.mp4", frames=200, codec="libx264", key=10)
    opened, counting = frames._open_video, []

    @contextmanager
    def counted(file: Any) -> Iterator[tuple[Any, Any]]:
        with opened(file) as (container, stream):
            counting.append(Counting(container))
            yield counting[-1], stream

    with path.open("rb") as file:
        times = frames._video_info(file).times
        monkeypatch.setattr(frames, "_open_video", counted)
        found = frames._decode_by_time(file, {times[at]: at for at in (158, 165)})

    assert {at: number(png) for at, png in found.items()} == {158: 158, 165: 165}
    assert counting[0].decoded <= 10 + 165 - 158 + 2


def test_a_file_without_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are counted from the first where the file does not say when each is shown."""
    path = film(tmp_path / "m.mp4", frames=60)
    info = frames._video_info
    monkeypatch.setattr(frames, "_video_info", lambda file: info(file)._replace(times=()))

    assert decoded(path, [0, 17, 59]) == [0, 17, 59]


def test_frames_that_were_lost_on_the_short_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What looking up by time does not give, counting does."""
    path = film(tmp_path / "m.mp4", frames=60)
    monkeypatch.setattr(frames, "_decode_by_time", lambda *_: {})

    assert decoded(path, [0, 17, 59]) == [0, 17, 59]


def test_a_frame_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A video with fewer frames than it claims is refused, and not shown from its end."""
    path = film(tmp_path / "m.mp4", frames=60)
    info = frames._video_info
    monkeypatch.setattr(frames, "_video_info", lambda file: info(file)._replace(times=()))

    with pytest.raises(ValueError, match="only 60 frames can be decoded, and frame 70 is wanted"):
        decoded(path, [0, 70])


@pytest.mark.parametrize("content", [b"", b"no film", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_video(content: bytes) -> None:
    """It is a ValueError, whatever PyAV thinks of it."""
    with pytest.raises(ValueError, match="no video, or it is damaged"):
        frames.decode_frames(io.BytesIO(content), lambda **_: [0])


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    """A file without a picture is refused with that reason."""
    path = tmp_path / "m.wav"
    with av.open(path, "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())

    with pytest.raises(ValueError, match="sound and no picture"):
        decoded(path, [0])
