"""A history through the engine, without Kafka."""
