"""Scorers: how an answer is read and judged."""
