"""Real input: what other systems know, read into documents of our own core."""
