"""Joins settings and parts: what each role is made of, and how the processes of one installation live and end."""
