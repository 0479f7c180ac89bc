"""Tools: the typed verbs, one file per room, and the one road to the core."""
