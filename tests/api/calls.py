"""One call of any mutation by its name, with all that a payload can tell."""

from typing import Any

from portal_api.models import history_entries
from tests.client import Client, Json
from tests.factories import Organisation

WHY = """
fragment why on ActionError {
  __typename
  code
  message
  path
  ... on RoleRequired { requiredRoles }
  ... on StatusNotAllowed { allowedStatuses }
  ... on ChangedMeanwhile { currentVersion }
  ... on AlreadyEnrolled { seriesIds }
  ... on PathwayOwned { pathwayEnrolmentId }
}
"""


async def answer(client: Client, mutation: str, node: str = "id", **given: Any) -> Json:
    """The whole answer to a call; `node` says what is asked of each record."""
    name = f"{mutation[0].upper()}{mutation[1:]}"
    document = f"""
        mutation Call($input: {name}Input!) {{
          {mutation}(input: $input) {{
            isPreview
            counts {{ changed unchanged refused }}
            errors {{ ...why }}
            results {{ index id outcome errors {{ ...why }} node {{ {node} }} }}
          }}
        }}
        {WHY}
    """
    return await client.execute(document, {"input": given})


async def call(client: Client, mutation: str, node: str = "id", **given: Any) -> Json:
    """The payload of a call that is not wrong as such."""
    answered = await answer(client, mutation, node, **given)
    assert "errors" not in answered, answered["errors"]
    return answered["data"][mutation]


def codes_and_paths(payload: Json) -> list[list[tuple[str, str]]]:
    """The codes of each row, with the places in the input that are meant."""
    return [[(each["code"], ".".join(each["path"])) for each in result["errors"]] for result in payload["results"]]


def _when(entry: Json) -> tuple[Any, ...]:
    return entry["recorded_at"], entry["subject_kind"], entry["version"], entry["occurred_at"]


async def told(organisation: Organisation) -> list[tuple[str, str | None, str | None, int]]:
    """What the history tells, by instant, kind of record and version: action, statuses before and after, version."""
    entries = sorted(await organisation.stored(history_entries), key=_when)
    return [(each["action"].name, each["from_status"], each["to_status"], each["version"]) for each in entries]
