"""Generated contracts: JSON Schema, AsyncAPI and docs/events.md from the models, and the compatibility check."""
