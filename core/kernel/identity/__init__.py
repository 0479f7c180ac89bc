"""Identity: people, what they may do, how they log in, and for whom something is done."""
