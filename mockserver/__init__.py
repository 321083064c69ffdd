"""A stateful stand-in for asynchronous vendor APIs: same answers, same refusals, no network."""

from mockserver.fake import Fake, Settings

__all__ = ["Fake", "Settings"]
