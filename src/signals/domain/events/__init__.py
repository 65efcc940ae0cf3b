"""Every canonical event, a file per input topic. ``kinds.py`` joins them into one closed union."""
