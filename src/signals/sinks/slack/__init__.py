"""Slack: one living card per signal."""
