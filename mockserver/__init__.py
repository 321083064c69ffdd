"""A stateful stand-in for asynchronous vendor APIs: same answers, same refusals, no network."""

import typing

if typing.TYPE_CHECKING:
    from mockserver.fake import Fake, Settings

__all__ = ["Fake", "Settings"]


def __getattr__(name: str) -> object:
    """The fake, when it is asked for: whoever loads the pytest plugin alone needs none."""
    if name in __all__:
        # Imported here for start-up: pytest loads a module of this package in every project of an environment.
        from mockserver import fake

        return getattr(fake, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
