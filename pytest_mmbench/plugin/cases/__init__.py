"""The shipped tests: one module for each gate."""
