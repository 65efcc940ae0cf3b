"""A company with a truth: events and what was planted in them."""
