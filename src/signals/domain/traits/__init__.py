"""Named properties of an account: the tables of their names, and what one is."""
