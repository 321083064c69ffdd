"""The judge of services and clients, and the command that people type."""

import typing

if typing.TYPE_CHECKING:
    from contracts.drivers import verify as verify_gateway
    from contracts.drivers.clients.entrance import verify_client

__all__ = ["verify_client", "verify_gateway"]


def __getattr__(name: str) -> object:
    """The judges, when somebody asks for one."""
    if name == "verify_gateway":
        # Imported here for start-up: the command that serves must not wait for what only a judge needs.
        from contracts.drivers import verify

        return verify
    if name == "verify_client":
        # Imported here for start-up, as above.
        from contracts.drivers.clients.entrance import verify_client

        return verify_client
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
