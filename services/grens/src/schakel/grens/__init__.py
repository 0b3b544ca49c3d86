"""All that talks to other organisations: logs that both sides agree on, for ever."""
