"""Chosen frames of a video, decoded with PyAV."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, Protocol

import av
import PIL.Image
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream


class Choice(Protocol):
    """Which frames of a video are wanted."""

    def __call__(self, *, length: int, rate: float) -> Sequence[int]:
        """Numbers of frames, of so many, at so many a second."""


class Survey(NamedTuple):
    """What a video tells without being decoded."""

    length: int
    """Frames."""
    rate: float
    """Frames per second, on average."""
    times: Sequence[int]
    """When each is shown, in the stream's own unit; none if the file does not say."""


def decode(file: BinaryIO, choose: Choice) -> list[bytes]:
    """The chosen frames, each encoded as PNG.

    1. The file is read through without being decoded: it tells how many frames there are, and when
       each is shown.
    2. Where every frame has a time of its own, decoding starts at the last key frame before the
       first chosen one. A clip of a long film costs no more than the clip.
    3. Otherwise (AVI keeps no times), or if frames were lost on that way, all frames are decoded
       from the beginning and counted.

    Raises:
        ValueError: it is no video, is damaged, or has no frame of a chosen number.
    """
    try:
        survey = _survey(file)
        numbers = choose(length=survey.length, rate=survey.rate)
        found = _sought(file, {survey.times[at]: at for at in numbers}) if survey.times else {}
        if not found.keys() >= set(numbers):
            found = _counted(file, set(numbers))
    except av.FFmpegError as error:
        raise ValueError(f"it is no video, or it is damaged: {error}") from error
    return [found[number] for number in numbers]


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[InputContainer, VideoStream]]:
    file.seek(0)
    container = av.open(file, "r")
    with container:
        if not container.streams.video:
            raise ValueError("it has sound and no picture")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def _survey(file: BinaryIO) -> Survey:
    with _opened(file) as (container, stream):
        # The last packet of a stream is an empty one, which only tells that there are no more.
        shown = [each.pts for each in container.demux(stream) if each.size and not each.is_discard]
        rate = float(stream.average_rate or 0)
    times = sorted(each for each in shown if each is not None)
    complete = len(set(times)) == len(shown)
    return Survey(length=len(shown), rate=rate, times=times if complete else ())


def _sought(file: BinaryIO, wanted: Mapping[int, int]) -> dict[int, bytes]:
    """Frames by number, of those that are shown at these times."""
    found: dict[int, bytes] = {}
    with _opened(file) as (container, stream):
        container.seek(min(wanted), stream=stream)
        for frame in container.decode(stream):
            if frame.pts is None or frame.pts > max(wanted):
                break
            if frame.pts in wanted:
                found[wanted[frame.pts]] = _png(frame)
    return found


def _counted(file: BinaryIO, wanted: Collection[int]) -> dict[int, bytes]:
    """Frames by number, all frames being decoded up to the last of them."""
    found: dict[int, bytes] = {}
    count = 0
    with _opened(file) as (container, stream):
        for count, frame in enumerate(container.decode(stream), start=1):
            if count - 1 in wanted:
                found[count - 1] = _png(frame)
            if len(found) == len(wanted):
                return found
    raise ValueError(f"only {count} frames can be decoded, and frame {max(wanted)} is wanted")


def _png(frame: VideoFrame) -> bytes:
    file = io.BytesIO()
    # Time matters more than space: frames are not kept.
    image: PIL.Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    image.save(file, format="PNG", compress_level=1)
    return file.getvalue()
