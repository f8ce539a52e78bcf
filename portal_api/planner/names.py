"""Names: what GraphQL writes as `familyName`, Python writes as `family_name`."""

import re


def snake(name: str) -> str:
    """A name as Python writes it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """A name as GraphQL writes it; of an attribute, or of an enum's value."""
    head, *rest = name.lower().split("_")
    return head + "".join(each.capitalize() for each in rest)
