"""Import of applications from other systems: a declarative mapping file, streaming readers, rows that reject themselves."""
