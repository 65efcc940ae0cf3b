"""The async edge towards people and other systems; each sink maps purely and calls thinly."""
