"""The one entrance: decode, validate, merge by event time, combine per account."""
