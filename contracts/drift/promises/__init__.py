"""Two promises beside each other: what has changed, and what that means for clients."""
