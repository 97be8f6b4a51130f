"""A release gate for vision-language models that speaks pytest.

`pytest --mm-model=PATH` runs it; ARCHITECTURE.md is the map. What a package of yours may build on:
`records` and `protocols` (the nouns and the seams), `errors`, and `testing` (a scripted model, and
checks of the contracts).
"""

from pytest_mmbench.version import VERSION as __version__  # noqa: N811 - its usual name

__all__ = ["__version__"]
