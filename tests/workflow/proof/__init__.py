"""Tests of the proof of duties."""
