"""Simulated staff and the written set that they play, for the demo and for tests."""
