"""Processor time of one way, in a process of its own: ``vergelijking.py`` starts this package.

The same program runs in the environment of two versions, with the folder of each first on the path.
It keeps to doors that stay: a service and its application, the bus, the messages. What has no such
door is reached through the ``tests.bench`` of that version, which knows its names; what is left
stands in ``versie.py``. Nothing is compared here: it prints microseconds per event.
"""
