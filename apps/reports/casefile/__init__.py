"""The whole file of a case on paper: the same sections as a page to print and as a PDF, taken out for a stated purpose.

Owns what stands in which section and in whose sight. Reads every stage through its selectors. Never writes but the record.
"""
