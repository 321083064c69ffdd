"""JSON Web Tokens as API keys: HS256, judged by form, by `exp` and `nbf`, and by signature where a secret is known.

Verified tokens are kept, so that a client which signs once and calls often costs one verification.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from jwt.types import Options

# Whatever is wrong with a token besides its times: the header around it is well formed, the key in it is not valid.
INVALID = "key_invalid"
_KEPT_MAX = 4096
# What the library would judge by its own clock is judged here, by the wall time that is passed in.
_TIMES_LATER: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


class TokenReader:
    """Reads tokens whose `claim` names the account; `secret_of` gives an account's secret, None when it has none."""

    def __init__(self, claim: str, secret_of: Callable[[str], str | None]) -> None:
        self._claim = claim
        self._secret_of = secret_of
        self._kept: dict[str, tuple[str, float, float, str | None]] = {}

    def read(self, token: str, wall_seconds: float) -> tuple[str, str | None]:
        """(account, situation); the times are judged anew on every call."""
        kept = self._kept.get(token)
        if kept is None:
            kept = self._verify(token)
            if len(self._kept) >= _KEPT_MAX:
                self._kept.pop(next(iter(self._kept)))
            self._kept[token] = kept
        account, not_before, expires, situation = kept
        if situation is not None:
            return account, situation
        if wall_seconds < not_before:
            return account, "key_not_yet_valid"
        return account, "key_expired" if wall_seconds >= expires else None

    def _verify(self, token: str) -> tuple[str, float, float, str | None]:
        # Imported here for start-up: it costs as much as half a server, and few callers send tokens.
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False, **_TIMES_LATER})
        except jwt.InvalidTokenError:
            return "", 0, 0, INVALID
        account, expires, not_before = claims.get(self._claim), claims.get("exp"), claims.get("nbf", 0)
        if header.get("alg") != "HS256" or not (isinstance(account, str) and account):
            return "", 0, 0, INVALID
        if not (_is_time(expires) and _is_time(not_before)):
            return "", 0, 0, INVALID
        secret = self._secret_of(account)
        if secret is not None and not _signed_by(token, secret):
            return "", 0, 0, INVALID
        return account, not_before, expires, None


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _signed_by(token: str, secret: str) -> bool:
    # Imported here for start-up, like the library above.
    import warnings

    import jwt

    with warnings.catch_warnings():
        # A short secret in a test is the tester's choice.
        warnings.simplefilter("ignore")
        try:
            jwt.decode(token, secret, algorithms=["HS256"], options=_TIMES_LATER)
        except jwt.InvalidTokenError:
            return False
    return True
