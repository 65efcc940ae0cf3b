"""Only the type checker reads these files: pytest's doctest collection would execute them."""

collect_ignore_glob = ["*.py"]
