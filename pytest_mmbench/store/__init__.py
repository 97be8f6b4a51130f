"""What is kept between runs, and which of several processes works on what."""

from pytest_mmbench.store.answers import APPLICATION, FILE, SqliteStore
from pytest_mmbench.store.claims import FileClaims
from pytest_mmbench.store.folder import make
from pytest_mmbench.store.memory import MemoryStore
from pytest_mmbench.store.trouble import trouble

__all__ = ["APPLICATION", "FILE", "FileClaims", "MemoryStore", "SqliteStore", "make", "trouble"]
