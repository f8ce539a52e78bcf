"""The courier looks at all organisations: each of its tests has a database of its own, as the ticker's have."""

from tests.ticker.conftest import app, http, organisation

__all__ = ["app", "http", "organisation"]
