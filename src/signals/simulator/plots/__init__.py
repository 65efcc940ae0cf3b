"""Plots: each writes one condition into an otherwise quiet account, on a known day, and says what must come of it."""
