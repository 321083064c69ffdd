"""The judge of services and clients, and the command that people type."""

import typing

if typing.TYPE_CHECKING:
    from contracts.drivers import verify as verify_gateway

__all__ = ["verify_gateway"]


def __getattr__(name: str) -> object:
    """The judge of gateways, when somebody asks for it."""
    if name == "verify_gateway":
        # Imported here for start-up: the command that serves must not wait for what only a judge needs.
        from contracts.drivers import verify

        return verify
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
