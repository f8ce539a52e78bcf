"""Nothing in the schema is left out: every path has a case, and every record of the scene stands in the table."""

from graphql import get_named_type

from tests.api.walls.kinds import KINDS
from tests.api.walls.paths import (
    KEPT_AS_GIVEN,
    LINKS,
    NODE,
    PLACES,
    ROOT_LISTS,
    id_leads_to,
    leads_to_records,
    object_type,
    objects,
    text_leads_to,
)
from tests.api.walls.related import RELATED
from tests.api.walls.scene import World
from tests.api.walls.seen import records
from tests.api.walls.test_links import BESIDE_RECORDS


def test_every_place_that_takes_an_id_or_a_text_has_a_case() -> None:
    nowhere = {str(place) for place in PLACES if place.is_id and not id_leads_to(place)}
    unsaid = {
        str(place)
        for place in PLACES
        if not place.is_id
        and not place.is_cursor
        and place.name not in KEPT_AS_GIVEN
        and not text_leads_to(place)
        and not (
            place.name in ("commitmentId", "programIdentifier", "studentIdentifier", "trackingCode")
            and place.parent == "Mutation"
        )
    }

    assert nowhere == set(), "nobody says what these ids lead to"
    assert unsaid == set(), "nobody says whether these texts lead to records"
    assert all(place.is_id or place.name not in ("id", "ids") for place in PLACES)


def test_every_way_from_a_record_to_others_has_a_case() -> None:
    assert set(RELATED) | BESIDE_RECORDS == LINKS


def test_every_type_of_record_is_laid_out() -> None:
    assert {type_.name for type_ in objects() if NODE in type_.interfaces} == set(KINDS)


def test_every_root_that_leads_to_records_has_a_case() -> None:
    leading = {
        name for name, field in object_type("Query").fields.items() if leads_to_records(get_named_type(field.type))
    }
    asked = {place.field for place in PLACES if place.parent == "Query"}

    assert leading <= set(ROOT_LISTS.values()) | asked


async def test_what_is_written_down_is_what_is_laid_out(world: World) -> None:
    assert len(records()) == len(set(records()))
    assert set(records()) == set(world.ids)
    assert {each.split()[0] for each in records()} == set(KINDS.values())
