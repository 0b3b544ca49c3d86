"""Other systems that keep a workflow durable, each doing the steps of werkstroom 3.

Each module is a program: ``python -m tests.bench.peers.NAME WAAR AANTAL TEGELIJK STAPPEN`` does
``AANTAL`` workflows of so many steps and prints how long that took. They come from the dependency
group ``bench``.
"""
