"""Channels: the doors through which people and other programs come in."""
