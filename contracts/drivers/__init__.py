"""The ways to obtain exchanges; so far one: verifying a service that claims to speak a vendor's API."""

from contracts.drivers.entrance import verify, verify_async

__all__ = ["verify", "verify_async"]
