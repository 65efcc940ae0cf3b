"""The vocabulary of rules: every fact and function, a file per subject. ``vocabulary.py`` joins them."""
