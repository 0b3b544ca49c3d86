"""How something comes to stand in the store: events, aggregates, unit of work, writer."""
