"""Mechanics of every schakel service: event store, inbox, relay, bus, HTTP, settings, logs."""
