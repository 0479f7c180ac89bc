"""A second, learned opinion on every message, and what to do where it disagrees with the first.

The first reader goes by the words it knows; the second one has learned how such words are used.
Where both agree a message is answered; where they do not, one click settles it.
"""

from agents.interpreter.second.keeping import Keeper

__all__ = ["Keeper"]
