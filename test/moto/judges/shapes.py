"""Holds the input of an operation against its shape: required members, types, enums,
patterns, lengths, ranges, unions, and what AWS calls deprecated."""

import datetime
from functools import cache

import regex

# What a value may be in Python, by the type of its shape. bool is no integer here.
TYPES = {
    "string": str,
    "character": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "blob": (bytes, str),
    "timestamp": (int, float, str),
    "structure": dict,
    "map": dict,
    "list": list,
}


def check(model, operation, value, tell):
    """Calls tell(member, what the model says) for each difference."""
    if model.operations[operation].get("deprecated"):
        tell("", "the operation is deprecated" + reason(model.operations[operation]))
    shape = model.input(operation)
    if shape is not None:
        walk(model, "", shape, value, tell)


def walk(model, where, shape, value, tell):
    kind = shape["type"]
    if shape.get("document"):
        return
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        tell(where, f"is {shown(shape, value)}, not a {kind}")
        return
    if kind == "structure":
        structure(model, where, shape, value, tell)
    elif kind == "map":
        bounds(where, shape, len(value), "entries", tell)
        key, inner = model.shape(shape["key"]), model.shape(shape["value"])
        for name, one in value.items():
            walk(model, f"{where} (key)", key, name, tell)
            walk(model, f"{where}.{name}", inner, one, tell)
    elif kind == "list":
        bounds(where, shape, len(value), "elements", tell)
        inner = model.shape(shape["member"])
        for i, one in enumerate(value):
            walk(model, f"{where}[{i}]", inner, one, tell)
    elif kind in ("string", "character"):
        text(where, shape, value, tell)
    elif kind == "blob":
        bounds(where, shape, len(value), "bytes", tell)
    elif kind == "timestamp":
        moment(where, value, tell)
    elif kind != "boolean":
        bounds(where, shape, value, "", tell)
        limit = 2**31 if kind == "integer" else 2**63
        if kind in ("integer", "long") and not -limit <= value < limit:
            tell(where, f"is {value}, which is no {kind}")


def structure(model, where, shape, value, tell):
    for name in shape.get("required", []):
        if name not in value:
            tell(f"{where}.{name}" if where else name, "is missing and required")
    if shape.get("union") and len(value) != 1:
        tell(where, f"has {len(value)} of the members {', '.join(shape['members'])}, of which there must be one")
    for name, inner in value.items():
        place = f"{where}.{name}" if where else name
        reference = shape["members"][name]
        member = model.shape(reference)
        if member.get("deprecated"):
            tell(place, "is deprecated" + reason(member))
        # An empty label would make the address another operation's.
        if member.get("location") == "uri" and inner == "":
            tell(place, "is empty and part of the address")
        walk(model, place, member, inner, tell)


def text(where, shape, value, tell):
    bounds(where, shape, len(value), "characters", tell)
    if "enum" in shape and value not in shape["enum"]:
        tell(where, f"is {shown(shape, value)}, not one of {', '.join(sorted(shape['enum']))}")
    pattern = shape.get("pattern")
    # The services hold the whole text against a pattern, anchors or not.
    if pattern and not compiled(pattern).fullmatch(value):
        tell(where, f"is {shown(shape, value)}, which is not {pattern}")


def bounds(where, shape, size, unit, tell):
    what = f"{size} {unit}".rstrip()
    if size < shape.get("min", size):
        tell(where, f"has {what}, fewer than {shape['min']}" if unit else f"is {what}, less than {shape['min']}")
    if size > shape.get("max", size):
        tell(where, f"has {what}, more than {shape['max']}" if unit else f"is {what}, more than {shape['max']}")


def moment(where, value, tell):
    """A time is a number in JSON; as a text it is ISO 8601, or RFC 822 in headers."""
    if not isinstance(value, str):
        return
    try:
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            parsedate_to_datetime(value)
        except (TypeError, ValueError):
            tell(where, f"is {value!r}, not a time")


@cache
def compiled(pattern):
    """A pattern of Java's: characters above U+FFFF are surrogates there, and \\w and \\d
    are ASCII."""
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF").replace(r"\p{ASCII}", r"[\x00-\x7F]")
    return regex.compile(pattern, regex.ASCII if r"\p{" not in pattern else 0)


def shown(shape, value):
    """A value as a message may show it."""
    if shape.get("sensitive"):
        return f"a secret {type(value).__name__}"
    told = repr(value)
    return told if len(told) <= 200 else told[:200] + "…"


def reason(thing):
    told = thing.get("deprecatedMessage")
    return f": {told}" if told else ""
