"""The ground floor: money, quantity, time, identity, numbers, the database, the log, the audit."""
