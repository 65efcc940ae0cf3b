"""Pure: one account, one update at a time; values in, values out."""
