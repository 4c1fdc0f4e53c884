"""How a helper says that only the caller's own process can answer."""

from __future__ import annotations


class Declined(BaseException):
    """Raised wherever a command would do what a helper cannot do in its caller's stead.

    No ``Exception``, so that nothing between takes it for an error of the command.

    Args:
        reason: What that is, in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
