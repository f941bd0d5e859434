"""What all trials of the callers share."""


class Broken(AssertionError):
    """A promise that did not hold."""


def expect(holds: bool, promise: str) -> None:
    if not holds:
        raise Broken(promise)
