"""The rule language: expressions over named facts, three-valued, that know what they read, when to look again and why.

Everything is checked when a pack is loaded and compiled once; evaluating never raises for a fact that is unknown, and
never reads a clock.
"""
