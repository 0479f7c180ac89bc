"""Small real servers on loopback that stand for what is outside our walls."""
