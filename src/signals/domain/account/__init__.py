"""The facts of one account, a file per facet; each facet is a frozen value and each reducer returns a new one."""
