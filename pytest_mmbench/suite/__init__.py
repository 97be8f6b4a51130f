"""The shipped test functions that a model is gated with."""
