"""Writers: what a mail of others comes to, in words and as a plan; never more than it says.

They read by rules, not by a model, and what they take from a mail are typed values: items that
exist, quantities, days. A mail never says what a thing costs, whom it is for, or where it goes.
"""

from agents.writers.orders import Wanted, wanted_in
from agents.writers.replies import acknowledgement, quoted

__all__ = ["Wanted", "acknowledgement", "quoted", "wanted_in"]
