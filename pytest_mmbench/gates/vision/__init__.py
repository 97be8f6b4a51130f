"""Whether a model uses the picture: its answers with it, without it, and with another one."""
