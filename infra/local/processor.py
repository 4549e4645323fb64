"""How long a process has waited for a processor: a busy machine makes slow what does not hang."""

from pathlib import Path

_NANOSECONDS = 1e9


def processor_wait_seconds(pid: int) -> float:
    """For how long the process's main thread was ready to run and did not, since it began (proc(5), `schedstat`, second
    number); 0 where the kernel does not count it or the process has ended."""
    try:
        _, waited, _ = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0.0
    return int(waited) / _NANOSECONDS
