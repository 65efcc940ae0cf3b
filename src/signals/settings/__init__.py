"""Configuration: one YAML file, secrets from the environment. A mistake stops the start with file, line and remedy."""
