"""How something comes to stand in the store: events, aggregates, the unit of work, the one writer."""
