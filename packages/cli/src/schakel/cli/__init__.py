"""The schakel command: demo, start, meld, volg and operations."""
