"""The afspreken service, for wensen: makes and keeps agreements."""
