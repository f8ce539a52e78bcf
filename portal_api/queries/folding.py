"""Text as it is sorted and searched: casefolded and without accents."""

import unicodedata

from sqlalchemy import ColumnElement

from portal_api.planner.filters import Search


def fold(text: str) -> str:
    """The form of a text in which case and accents make no difference."""
    # Taken apart before as well: some characters show a capital only then (`℡` is TEL).
    small = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", small)
    return " ".join("".join(each for each in decomposed if not unicodedata.combining(each)).split())


def search_in(key: ColumnElement[str]) -> Search:
    """A search in the row's own key."""
    return Search(lambda pattern: key.like(pattern, escape="\\"), fold)
