"""The same cards in a terminal, where there is no token."""
