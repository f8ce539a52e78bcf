"""Trusted documents: what the frontends send, by its hash, in the manifest that persisted-query clients know."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from graphql import OperationDefinitionNode, parse

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.errors import RequestError

FORMAT = "apollo-persisted-query-manifest"


def hash_of(text: str) -> str:
    """The hash by which a document is known: of its text, to the byte."""
    return hashlib.sha256(text.encode()).hexdigest()


def printed_manifest(folder: Path) -> str:
    """The manifest of the documents in a folder and below it, by their paths."""
    operations = [_entry(file.read_text()) for file in sorted(folder.rglob("*.graphql"))]
    manifest = {"format": FORMAT, "version": 1, "operations": operations}
    return f"{orjson.dumps(manifest, option=orjson.OPT_INDENT_2).decode()}\n"


def _entry(text: str) -> dict[str, Any]:
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101  the folder holds one operation a file
    name = operation.name.value if operation.name else None
    return {"id": hash_of(text), "name": name, "type": operation.operation.value, "body": text}


def read_manifest(file: Path) -> Mapping[str, str]:
    """The documents of a manifest, by their hashes.

    Raises:
        ValueError: if the file is no such manifest, or a document is not what its hash says.
    """
    try:
        manifest = orjson.loads(file.read_bytes())
        documents = {each["id"]: each["body"] for each in manifest["operations"]}
        is_one = manifest["format"] == FORMAT and manifest["version"] == 1
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{file} is no manifest of trusted documents: {error}") from error
    if not is_one or any(hash_of(text) != id_ for id_, text in documents.items()):
        raise ValueError(f"{file} is no manifest of trusted documents, or a document in it is not what its hash says.")
    return documents


class KnownTexts:
    """The texts of documents by their hashes: the trusted ones, and those that clients have sent of late."""

    def __init__(self, trusted: Mapping[str, str], *, only_trusted: bool, most: int) -> None:
        """Knows the trusted ones for good, and `most` others."""
        self._trusted = trusted
        self._only_trusted = only_trusted
        self._most = most
        self._sent: OrderedDict[str, str] = OrderedDict()

    def text(self, query: str | None, hash_: str | None) -> str:
        """The text of a document that is asked for by itself, by its hash, or by both.

        Raises:
            RequestError: `PERSISTED_QUERY_NOT_FOUND` for a hash that is not known here, `REQUEST_INVALID` for one that is
                not the document's, `DOCUMENT_NOT_TRUSTED` where only trusted ones are answered.
        """
        if query is None:
            known = self._trusted.get(hash_ or "") or self._sent.get(hash_ or "")
            if known is None:
                raise RequestError(
                    ErrorCode.PERSISTED_QUERY_NOT_FOUND,
                    "No document of this hash is known here. Send it with its text.",
                )
            return known
        if hash_ is not None and hash_ != hash_of(query):
            raise RequestError(
                ErrorCode.REQUEST_INVALID, "The hash is not that of the document. Send either, or both alike."
            )
        if self._only_trusted and hash_of(query) not in self._trusted:
            raise RequestError(
                ErrorCode.DOCUMENT_NOT_TRUSTED,
                "Only the frontends' own documents are answered here; this is none of them.",
            )
        return query

    def remember(self, hash_: str, text: str) -> None:
        """Keeps a document that was sent with its hash and can be answered."""
        if hash_ in self._trusted or self._only_trusted:
            return
        self._sent[hash_] = text
        self._sent.move_to_end(hash_)
        if len(self._sent) > self._most:
            self._sent.popitem(last=False)
