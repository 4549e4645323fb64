"""What the operator reads when the runtime cannot do its work."""


class StartError(RuntimeError):
    """Something could not be started. The message says what happened and what to do."""
