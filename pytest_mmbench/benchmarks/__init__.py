"""Benchmarks: one room for each, loaded by name through the registry."""
