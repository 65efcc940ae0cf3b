"""A signed JSON webhook for anything else."""
