"""Owns the ground floor: Actor, permission names, view markers, money, clock, errors, packs, abstract models.
Offers plain values that any app may import.
Never knows another app, never reads a request's body, never writes a row."""
