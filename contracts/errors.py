"""What a person at the command line can get wrong."""

from __future__ import annotations


class UsageError(Exception):
    """Words of the call that can't be carried out; the message is one line for people, with the way out."""
