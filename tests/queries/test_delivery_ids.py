"""Deliveries have identifiers of their own, however many messages one instant has left."""

from portal_api.queries.automations.deliveries import id_of
from tests.clock import START, RepeatableIds


def test_the_messages_of_one_instant_come_to_as_many_deliveries() -> None:
    new_id = RepeatableIds("deliveries")
    messages, endpoints = [new_id(START) for _ in range(1_000)], [new_id(START) for _ in range(50)]

    ids = {id_of(message, endpoint) for message in messages for endpoint in endpoints}

    assert len(ids) == 50_000
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, messages[0].variant)}


def test_a_delivery_that_is_made_again_has_the_same_identifier() -> None:
    new_id = RepeatableIds("deliveries")
    message, endpoint = new_id(START), new_id(START)

    assert id_of(message, endpoint) == id_of(message, endpoint)
