"""Keeps the root keys: wraps and unwraps data keys and never hands a root key out."""
