"""This version beside the one before a change, in processor time per event."""
