"""What goes wrong with servers on this machine, said to the person who started them."""


class InfraFout(Exception):
    """One line, in Dutch, that says what to do."""
