"""Who calls a reference service: a few known keys after `Bearer`, anything else is nobody."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request

from references.seeding import Bugs, table

# Keys that every fake and the sample gateway know or refuse as well, so that all can be judged alike.
KEY, OTHER_KEY, BAD_KEY = "sk-one", "sk-two", "mock-invalid-key"
KEYS = (KEY, OTHER_KEY)

BUGS = table(
    {
        "auth": {
            "open-submit": "a submit needs no key",
            "open-polls": "a poll needs no key",
            "any-key": "a submit takes any key",
            "any-key-on-polls": "a poll takes any key",
            "empty-key": "the scheme with nothing behind it is let in",
            "any-scheme": "another scheme than Bearer is let in",
            "case-sensitive-scheme": "`bearer` is refused",
        }
    }
)


class NobodyError(Exception):
    """The call says of nobody whose it is; `is_missing` when it says nothing at all."""

    def __init__(self, *, is_missing: bool) -> None:
        super().__init__("missing" if is_missing else "unknown")
        self.is_missing = is_missing


def read_caller(request: Request, bugs: Bugs, keys: Collection[str] = KEYS, blanks: str = " ") -> str:
    """The key of a known caller; `blanks` are what may stand around it."""
    header = request.headers.get("authorization", "")
    is_poll = request.method == "GET"
    if not header.strip(" "):
        if ("open-polls" if is_poll else "open-submit") in bugs:
            return KEY
        raise NobodyError(is_missing=True)
    scheme, _, key = header.partition(" ")
    key = key.strip(blanks) if blanks else key
    has_scheme = (scheme if "case-sensitive-scheme" in bugs else scheme.capitalize()) == "Bearer"
    has_scheme = has_scheme or "any-scheme" in bugs
    is_known = key in keys or (key != "" and ("any-key-on-polls" if is_poll else "any-key") in bugs)
    is_known = is_known or (key == "" and "empty-key" in bugs)
    if not has_scheme or not is_known:
        raise NobodyError(is_missing=False)
    return key if key in keys else KEY
