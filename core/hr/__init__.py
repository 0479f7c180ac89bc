"""People at work: employees and departments."""
