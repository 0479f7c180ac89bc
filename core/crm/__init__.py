"""Customer relations: what was said, by whom, when."""
