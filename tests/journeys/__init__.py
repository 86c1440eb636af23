"""Tests that walk a case through the whole house in a real browser, each step by the person whose step it is."""
