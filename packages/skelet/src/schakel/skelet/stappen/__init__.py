"""The steps of a melding, by phase of its life: begin, overdracht, einde, voortijdig, rand.

Each phase holds the events, conditions, steps and commands of its own: a step stands in one place.
What several phases use stands beside them: what a step is (``stap``), what a command is
(``opdracht``), their common conditions (``voorwaarden``), and ``voortgekomen``.
"""
