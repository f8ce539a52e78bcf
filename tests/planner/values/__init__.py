"""Python values with lists, totals and facets below them."""
