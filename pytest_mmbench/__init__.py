"""A release gate for vision-language models that speaks pytest; ARCHITECTURE.md shows the tree."""

__version__ = "0.1.0"
