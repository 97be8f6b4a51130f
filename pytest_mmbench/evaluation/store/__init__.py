"""Answers on disk, and the locks by which processes share the work."""
