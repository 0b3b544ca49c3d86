"""How many question marks a question with many values has."""


def ruimte_voor(aantal: int) -> int:
    """Room in an ``IN (?, ...)``: a power of two, so that few different statements are prepared."""
    return 1 << (aantal - 1).bit_length()
