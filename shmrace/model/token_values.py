"""Parameters of a scenario as JSON values, for tokens.  They keep their type and value.

A tuple becomes a JSON list.  Other types that JSON does not know are tagged.  A class, a function,
an enum member or a torch dtype is encoded as its module and name.  Nothing is unpickled, because a
token may come from an untrusted source.
"""

import base64
import importlib
from enum import Enum
from typing import Any

from shmrace.errors import UsageError


def encode(value: Any) -> Any:
    """The value in JSON types.  Raises `UsageError` if it cannot be encoded."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is tuple:
        return [encode(one) for one in value]
    if type(value) in (list, set, frozenset):
        items = sorted(value, key=repr) if type(value) is not list else value
        return {"kind": type(value).__name__, "items": [encode(one) for one in items]}
    if type(value) is dict:
        return {"kind": "dict", "items": [[encode(one), encode(value[one])] for one in value]}
    if type(value) is bytes:
        return {"kind": "bytes", "text": base64.b64encode(value).decode()}
    named = _name_of(value)
    if named is None:
        raise UsageError(f"{value!r} cannot be encoded in a token")
    return {"kind": "name", "text": named}


def decode(plain: Any) -> Any:
    """The value that `encode` was given.  Raises `UsageError` if its name no longer exists."""
    if isinstance(plain, list):
        return tuple(decode(one) for one in plain)
    if not isinstance(plain, dict):
        return plain
    kind = plain["kind"]
    if kind == "dict":
        return {decode(key): decode(value) for key, value in plain["items"]}
    if kind == "bytes":
        return base64.b64decode(plain["text"])
    if kind == "name":
        return _found(plain["text"])
    makers: dict[str, Any] = {"list": list, "set": set, "frozenset": frozenset}
    return makers[kind](decode(one) for one in plain["items"])


def _name_of(value: Any) -> str | None:
    """The "module:name" under which this very object is found; None if there is none."""
    if isinstance(value, Enum):
        place = f"{type(value).__module__}:{type(value).__qualname__}.{value.name}"
    elif hasattr(value, "__qualname__"):
        place = f"{value.__module__}:{value.__qualname__}"
    else:
        place = str(value).replace(".", ":", 1)  # as torch.float32 prints itself
    try:
        return place if _found(place) is value else None
    except UsageError:
        return None


def _found(place: str) -> Any:
    module, _, path = place.partition(":")
    try:
        value = importlib.import_module(module)
        for name in path.split("."):
            value = getattr(value, name)
    except (ImportError, AttributeError, ValueError):
        raise UsageError(f"the token names {place}, which no longer exists") from None
    return value
