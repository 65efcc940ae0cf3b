"""Generated contracts (JSON Schema, AsyncAPI) and pages (docs/events.md, docs/signals.md), and what checks them."""
