"""The project package: settings, URLs and server entry points; no business rule lives here."""

VERSION = "0.1.0"
