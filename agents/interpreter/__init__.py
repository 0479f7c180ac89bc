"""The interpreter inside the house: from a person's words to typed calls, with no model and no net.

It reads English and Chinese with a lexicon made from the semantic layer and the tools' own
schemas, over a lattice of everything the words may mean. It answers, asks one question back, or
says kindly what it cannot do; it never guesses an action.
"""

from agents.interpreter.model import EmbeddedInterpreter

__all__ = ["EmbeddedInterpreter"]
