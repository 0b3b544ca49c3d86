"""The language between organisations: what crosses the border, and what it means together."""
