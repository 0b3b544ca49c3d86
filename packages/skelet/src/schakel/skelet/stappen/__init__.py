"""The steps of a melding, cut by phase of its life: a step stands in one place."""
