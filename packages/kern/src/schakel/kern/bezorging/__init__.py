"""Between store and bus: the reader and its inbox, what is parked, the relay."""
