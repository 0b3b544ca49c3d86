"""What is written of a derivation: read again, and counted again."""
