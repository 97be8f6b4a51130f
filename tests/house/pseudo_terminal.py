import os


def output_of(child: int, terminal: int) -> str:
    """Everything that a process, forked by `pty.fork`, writes on its terminal until it ends."""
    seen = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.waitpid(child, 0)
    return seen.decode()
