"""Names: what GraphQL writes as `familyName`, Python writes as `family_name`."""

import keyword
import re


def snake(name: str) -> str:
    """A name as Python writes it: one that is a word of the language has an underscore behind it."""
    written = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return f"{written}_" if keyword.iskeyword(written) else written


def camel(name: str) -> str:
    """A name as GraphQL writes it; of an attribute, or of an enum's value."""
    head, *rest = name.lower().split("_")
    return head + "".join(each.capitalize() for each in rest)
