"""What only some may know: keys, encrypted texts, tokens."""
