"""Foreign payloads mapped to canonical events, a file per source."""
