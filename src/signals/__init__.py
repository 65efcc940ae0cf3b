"""Account signals: usage, billing and CRM events in; opportunities and risks out, with a life of their own."""
