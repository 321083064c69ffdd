"""Where the fake remembers: one protocol, several places."""

from mockserver.store.memory import MemoryStore
from mockserver.store.protocol import Bounds, ExternalIdTakenError, Opened, Rate, Store, StoreError, StoreFullError
from mockserver.store.webhook_shelf import Attempt, Claim, WebhookShelf

__all__ = [
    "Attempt",
    "Bounds",
    "Claim",
    "ExternalIdTakenError",
    "MemoryStore",
    "Opened",
    "Rate",
    "Store",
    "StoreError",
    "StoreFullError",
    "WebhookShelf",
]
