"""Owns businesses, people, interests and bank accounts: nearly all personal data.
Offers selectors that return masked views.
Never moves a case."""
