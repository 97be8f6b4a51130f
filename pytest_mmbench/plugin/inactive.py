"""Skips the tests that users have written about a model, as long as no model is named."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def mm_dimension() -> None:
    """A dimension of a benchmark, if a model is named."""
    pytest.skip("no model is named: run pytest with --mm-model")


@pytest.fixture(scope="session")
def mm_model(mm_dimension: None) -> None:
    """The model, if one is named. Override it in a conftest file to judge a model of your own."""


@pytest.fixture(scope="session")
def mm_tally(mm_dimension: None) -> None:
    """How many answers are correct, if a model is named."""


@pytest.fixture(scope="session")
def mm_verdict(mm_dimension: None) -> None:
    """Whether a threshold is reached, if a model is named."""


@pytest.fixture(scope="session")
def mm_snapshot(mm_dimension: None) -> None:
    """Which answers are not those of the snapshot, if a model is named."""


@pytest.fixture(scope="session")
def mm_answers(mm_dimension: None) -> None:
    """The former name of `mm_snapshot`."""


@pytest.fixture(scope="session")
def mm_baseline(mm_dimension: None) -> None:
    """What the model is compared with, if one is named."""


@pytest.fixture(scope="session")
def mm_base_llm(mm_dimension: None) -> None:
    """The text model that the model was built on, if both are named."""


@pytest.fixture(scope="session")
def mm_regression(mm_dimension: None) -> None:
    """How the model compares with the baseline, if both are named."""


@pytest.fixture(scope="session")
def mm_vision(mm_dimension: None) -> None:
    """What the picture adds, if a model is named."""
