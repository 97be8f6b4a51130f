"""What the user set: command line, environment, ini and settings file."""
