"""Where the fake remembers: one protocol, several places."""

from mockserver.store.memory import MemoryStore
from mockserver.store.protocol import Bounds, ExternalIdTakenError, Opened, Rate, Store, StoreError, StoreFullError

__all__ = ["Bounds", "ExternalIdTakenError", "MemoryStore", "Opened", "Rate", "Store", "StoreError", "StoreFullError"]
