"""``python -m signals``: the command ``signals``, by this interpreter."""

from signals.cli import main

main()
