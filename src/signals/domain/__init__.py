"""Values only: events, the facts of one account, findings, signals. No clock, no I/O, no logging."""
