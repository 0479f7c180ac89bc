"""The terminal: the command `prokurist`."""
