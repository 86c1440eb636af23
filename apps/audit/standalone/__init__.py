"""What auditors take away: programs of one file that know nothing of this project and trust nothing of the bank's."""
