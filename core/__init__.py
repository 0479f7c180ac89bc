"""The core: the facts of a company and the rules they obey; no model, no web, no prompt."""
