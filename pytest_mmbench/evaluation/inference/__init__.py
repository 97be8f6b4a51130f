"""The request queue: what a run needs, what is cached, and which process asks the rest."""
