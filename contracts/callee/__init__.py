"""The process in which a Python callable is judged: it knows nothing of ours, so that nothing of ours is in its way."""
