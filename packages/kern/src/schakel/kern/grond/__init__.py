"""What every other room of kern stands on: errors, settings, roles, states, rules for input."""
