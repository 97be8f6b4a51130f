"""Models that can be asked: each room is loaded by name, only when it is asked for."""
