"""The annex on the wire format, tried by a stranger who read nothing else: a module per section."""
