"""The commands, a file per subject; each is thin: it reads its arguments and calls one function below."""
