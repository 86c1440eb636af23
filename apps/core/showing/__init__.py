"""Shows untrusted files in a page: each page of one as a picture, drawn elsewhere and marked with who looks and when.

Owns drawing, marks, tickets and limits. Offers ``paper_of`` and ``picture_of``.
Never records or authorises: services do, before they hand over content.
"""

from apps.core.showing.drawing import CannotShow, problem_of
from apps.core.showing.paper import Paper, paper_of, picture_of

__all__ = ["CannotShow", "Paper", "paper_of", "picture_of", "problem_of"]
