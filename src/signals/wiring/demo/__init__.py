"""The demonstration: a simulated company through the whole installation, on this machine, in under three minutes."""
