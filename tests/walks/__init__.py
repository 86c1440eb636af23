"""Walks over every address of the URL table with real objects: what holds for each page is said once, for pages to come too."""
