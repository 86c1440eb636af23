"""Commands of the console app."""
