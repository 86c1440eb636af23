"""The project package: settings, URLs and server entry points; no business rule lives here."""
