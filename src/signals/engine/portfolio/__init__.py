"""Figures over several accounts: retention, books, funnels, adoption. Pure functions of summaries and a day."""
