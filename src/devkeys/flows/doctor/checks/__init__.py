"""Checks of the configuration, a module per subject.

Each has KINDS, what it can find, and `look(scope)`, which yields a Finding, an Unseen or a Fine
for everything it looked at. None of them reads a value for longer than it takes to judge it.
"""
