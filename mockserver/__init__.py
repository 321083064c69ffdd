"""A stateful stand-in for asynchronous vendor APIs: same answers, same refusals, no network."""

import importlib
import typing

if typing.TYPE_CHECKING:
    from mockserver.fake import Fake, Settings
    from mockserver.letters import Webhook

__all__ = ["Fake", "Settings", "Webhook"]

_HOMES = {"Fake": "fake", "Settings": "fake", "Webhook": "letters"}


def __getattr__(name: str) -> object:
    """The fake, when it is asked for: whoever loads the pytest plugin alone needs none."""
    if name in _HOMES:
        # Imported here for start-up: pytest loads a module of this package in every project of an environment.
        return getattr(importlib.import_module(f"mockserver.{_HOMES[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
