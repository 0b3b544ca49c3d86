"""Derives the werkstroom of every melding from the events alone."""
