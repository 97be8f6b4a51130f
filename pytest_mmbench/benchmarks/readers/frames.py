"""Single frames of a video, decoded with PyAV."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import av
import PIL.Image
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pytest_mmbench.images.decode import check_pixels


class VideoInfo(NamedTuple):
    """How many frames a video has, and how many per second on average, by its packets."""

    length: int
    rate: float
    times: Sequence[int]
    """When each frame is shown, in the stream's own unit; none if the file does not say."""


def decode_frames(file: BinaryIO, select: Callable[..., Sequence[int]]) -> list[bytes]:
    """The frames whose numbers `select(length=frames, rate=frames per second)` gives, as PNG.

    1. The file is read through without being decoded, for the number of frames and their times.
    2. Where every frame has a time of its own, decoding starts at the last key frame before the
       first selected one.
    3. Otherwise (AVI keeps no times), or if frames were lost on that way, all frames are decoded
       from the beginning and counted.
    """
    try:
        info = _video_info(file)
        numbers = select(length=info.length, rate=info.rate)
        frames: dict[int, bytes] = {}
        if info.times:
            frames = _decode_by_time(file, {info.times[number]: number for number in numbers})
        if not frames.keys() >= set(numbers):
            frames = _decode_by_count(file, set(numbers))
    except av.FFmpegError as error:
        raise ValueError(f"it is no video, or it is damaged: {error}") from error
    return [frames[number] for number in numbers]


@contextmanager
def _open_video(file: BinaryIO) -> Iterator[tuple[InputContainer, VideoStream]]:
    file.seek(0)
    container = av.open(file, "r")
    with container:
        if not container.streams.video:
            raise ValueError("it has sound and no picture")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def _video_info(file: BinaryIO) -> VideoInfo:
    with _open_video(file) as (container, stream):
        # The last packet of a stream is an empty one, which only tells that there are no more.
        packets = [packet for packet in container.demux(stream) if packet.size]
        display_times = [packet.pts for packet in packets if not packet.is_discard]
        rate = float(stream.average_rate or 0)
    times = sorted(time for time in display_times if time is not None)
    is_complete = len(set(times)) == len(display_times)
    return VideoInfo(length=len(display_times), rate=rate, times=times if is_complete else ())


def _decode_by_time(file: BinaryIO, number_at: Mapping[int, int]) -> dict[int, bytes]:
    frames: dict[int, bytes] = {}
    with _open_video(file) as (container, stream):
        container.seek(min(number_at), stream=stream)
        for frame in container.decode(stream):
            if frame.pts is None or frame.pts > max(number_at):
                break
            if frame.pts in number_at:
                frames[number_at[frame.pts]] = _png(frame)
    return frames


def _decode_by_count(file: BinaryIO, numbers: Collection[int]) -> dict[int, bytes]:
    frames: dict[int, bytes] = {}
    count = 0
    with _open_video(file) as (container, stream):
        for count, frame in enumerate(container.decode(stream), start=1):
            if count - 1 in numbers:
                frames[count - 1] = _png(frame)
            if len(frames) == len(numbers):
                return frames
    raise ValueError(f"only {count} frames can be decoded, and frame {max(numbers)} is wanted")


def _png(frame: VideoFrame) -> bytes:
    check_pixels((frame.width, frame.height))
    file = io.BytesIO()
    # Time matters more than space: frames are not kept.
    image: PIL.Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    image.save(file, format="PNG", compress_level=1)
    return file.getvalue()
