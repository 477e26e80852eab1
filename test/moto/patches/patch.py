"""How a patch is put in."""

import functools


def patch(owner, name):
    """Replaces owner.name by what the decorated function makes of the original.
    Fails when moto no longer has it."""
    original = getattr(owner, name)

    def decorate(make):
        setattr(owner, name, functools.wraps(original)(make(original)))
        return make

    return decorate
