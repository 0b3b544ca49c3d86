"""What all five processes do with a melding, written once."""
