"""Pure logic: rules and detectors read facts and say whether a condition holds now, with evidence."""
