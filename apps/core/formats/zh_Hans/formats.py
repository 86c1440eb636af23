"""Dates in Simplified Chinese: a day without its year has no zero before the month, like one with it."""

MONTH_DAY_FORMAT = "n月j日"
