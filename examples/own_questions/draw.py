"""Draw 200 invented questions of six answer types, and the answers of two models that do not exist.

`python draw.py` writes `questions/` and two scripts of answers beside `mmbench.toml`. Nothing of it
comes from a data set, and nobody can have learned it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

COLOURS = ("red", "green", "blue", "orange", "purple")
WORDS = ("harbour", "lantern", "meadow", "copper", "violin", "thunder", "saddle", "orchard")
SIZE = (320, 240)
Record = dict[str, Any]
"""A row of a file, with two answers that are taken out of it: `old` and `new`."""


def tiles(rng: random.Random, picture: ImageDraw.ImageDraw) -> list[str]:
    """Draws a row of one to eight tiles, and says their colours."""
    colours = [rng.choice(COLOURS) for _ in range(rng.randint(1, 8))]
    for at, colour in enumerate(colours):
        picture.rectangle((10 + 38 * at, 90, 40 + 38 * at, 120), fill=colour)
    return colours


def choice(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """Which colour the first tile has."""
    colours = tiles(rng, picture)
    options = rng.sample(COLOURS, 4)
    if colours[0] not in options:
        options[rng.randrange(4)] = colours[0]
    key = "ABCD"[options.index(colours[0])]
    record = dict(zip("ABCD", options, strict=True))
    ask = "Which colour has the first tile?"
    return record | {"ask": ask, "key": key, "old": key, "new": f"It is ({key})."}


def some_red(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """Whether there is a red tile."""
    key = "yes" if "red" in tiles(rng, picture) else "no"
    return {"ask": "Is there a red tile?", "key": key, "old": key.title(), "new": f"{key}."}


def no_red(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """Whether there is none, about the same picture."""
    key = "no" if "red" in tiles(rng, picture) else "yes"
    return {"ask": "Is there no red tile?", "key": key, "old": key.title(), "new": f"{key}."}


def length(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """How long a bar is, in pixels."""
    pixels = rng.randint(60, 300)
    picture.rectangle((10, 100, 10 + pixels, 130), fill=rng.choice(COLOURS))
    near = pixels + rng.choice((-2, 0, 3))
    return {"ask": "How many pixels long is the bar?", "key": pixels, "old": near, "new": near}


def label(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """What is written."""
    words = " ".join(rng.sample(WORDS, 2))
    picture.text((20, 100), words, fill="black", font=ImageFont.load_default(28))
    wrong = words[:-1] + rng.choice("lnrt")
    return {"ask": "What is written?", "key": words, "old": words, "new": wrong}


def place(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """Where the square is, in pixels."""
    side, left, top = rng.randint(40, 90), rng.randint(5, 200), rng.randint(5, 140)
    box = [left, top, left + side, top + side]
    picture.rectangle(tuple(box), fill=rng.choice(COLOURS))
    thousandths = [round(1000 * each / SIZE[at % 2]) for at, each in enumerate(box)]
    moved = [each + 15 for each in thousandths]
    ask = "Where is the square?"
    return {"ask": ask, "key": box, "old": f"{thousandths}", "new": f"The square is at {moved}."}


def colours(rng: random.Random, picture: ImageDraw.ImageDraw) -> Record:
    """Which colours there are."""
    present = sorted(set(tiles(rng, picture)))
    said = present[: rng.randint(1, len(present))]
    ask = "Which colours have the tiles?"
    return {"ask": ask, "key": present, "old": ", ".join(present), "new": ", ".join(said)}


Ask = Callable[[random.Random, ImageDraw.ImageDraw], Record]
FILES: dict[str, tuple[int, tuple[Ask, ...]]] = {
    "tiles": (40, (choice,)),
    "red": (20, (some_red, no_red)),
    "lengths": (40, (length,)),
    "labels": (40, (label,)),
    "places": (20, (place,)),
    "colours": (20, (colours,)),
}
"""Pictures of each file, and what is asked about each of them."""


def records(folder: Path, name: str) -> Iterator[Record]:
    """The rows of one file; their pictures are drawn into the folder."""
    pictures, asks = FILES[name]
    for at in range(pictures):
        path = f"{name}-{at:02}.png"
        for ask in asks:
            picture = Image.new("RGB", SIZE, "white")
            record = ask(random.Random(path), ImageDraw.Draw(picture))  # noqa: S311 - no secret
            picture.save(folder / path)
            yield {"id": f"{ask.__name__}-{at:02}", "picture": path} | record


def main() -> None:
    """Writes the files, and a script of answers for each model."""
    folder = Path(__file__).parent / "questions"
    folder.mkdir(exist_ok=True)
    scripts: dict[str, dict[str, str]] = {"old": {}, "new": {}}
    for name in FILES:
        rows = [*records(folder, name)]
        for row in rows:
            for model, answers in scripts.items():
                answers[row["id"]] = str(row.pop(model))
        lines = (json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    for model, answers in scripts.items():
        path = folder.with_name(f"{model}.json")
        path.write_text(json.dumps({"answers": answers}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
