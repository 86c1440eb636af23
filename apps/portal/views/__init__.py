"""Views of the portal: cases, the steps a borrower takes, loans."""
