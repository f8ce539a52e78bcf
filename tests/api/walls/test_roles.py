"""What single roles see, and what comes along from one organisation to another: nothing."""

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type, is_leaf_type

from portal_api.domain.roles import Role
from portal_api.planner.names import camel
from tests.api.cases import case_of
from tests.api.walls.kinds import KINDS, NARROWED
from tests.api.walls.paths import ROOT_LISTS, SCHEMA, below, object_type, objects, result_of
from tests.api.walls.scene import World
from tests.client import codes
from tests.conftest import SignIn
from tests.factories import Organisation

READABLE_BY_INTEGRATION = {"id", "externalRef", "status"}
WHAT_IS_FOUND = {"search": "a", "attribute": {"name": "team", "value": "Red"}}


async def test_a_user_of_two_organisations_sees_in_each_what_they_are_there(
    own_world: World, organisation: Organisation, sign_in: SignIn
) -> None:
    """The Owner here is a Trainer there: the token's organisation decides, and nothing comes along."""
    twin = own_world.their_owner.organisation
    both = organisation.staff[Role.OWNER]
    twin.joined_by(both, Role.TRAINER)

    here = await sign_in(both).query("{ viewer { role } learners { totalCount } }")
    there = await sign_in(both, twin).query("{ viewer { role } learners { totalCount } }")

    assert here["viewer"]["role"] == "OWNER"
    assert here["learners"]["totalCount"] > 0
    assert there == {"viewer": {"role": "TRAINER"}, "learners": {"totalCount": 0}}


async def test_a_key_used_in_one_organisation_is_free_in_the_other(own_world: World, sign_in: SignIn) -> None:
    withdraw = case_of("withdrawSeriesEnrolments")
    twin = own_world.their_owner.organisation
    both = own_world.clients[Role.OWNER].user
    twin.joined_by(both, Role.OWNER)

    ours = await withdraw.payload(sign_in(both), own_world.ids["enrolment boss"], idempotencyKey="one")
    theirs = await withdraw.payload(sign_in(both, twin), own_world.theirs["enrolment boss"], idempotencyKey="one")

    assert ours["counts"] == theirs["counts"] == {"changed": 1, "unchanged": 0, "refused": 0}


async def test_a_trainer_sees_no_learner_until_there_are_course_offers_to_teach(
    own_world: World, organisation: Organisation, sign_in: SignIn
) -> None:
    document = """
        {
          learners { totalCount } seriesEnrolments { totalCount } seriesEnrolmentIds { totalCount }
          pathwayEnrolments { totalCount } pathwayEnrolmentIds { totalCount } seriesInsights { totalCount }
          learnerCertifications { totalCount } learnerCertificationIds { totalCount } approvals { totalCount }
          certificationInsights { totalCount } approvalInsights { totalCount }
          seriesLibrary { totalCount } pathways { totalCount } resources { totalCount }
          courseEnrolments { totalCount } courseEnrolmentIds { totalCount } unitEnrolments { totalCount }
          unitEnrolmentIds { totalCount } surveys { totalCount } courses { totalCount } courseOffers { totalCount }
        }
    """
    own = organisation.learner(reports_to=None)
    linked, idle = sign_in(organisation.user(Role.TRAINER, own)), sign_in(organisation.user(Role.TRAINER))
    told = "{ historyEntries(first: 100) { nodes { subjectKind learner { id } } } }"

    unlinked = await idle.query(document)
    nothing = await idle.query(told)
    entries = await own_world.clients[Role.TRAINER].query(told)

    assert {each["totalCount"] for each in unlinked.values()} == {0}
    assert {each["subjectKind"] for each in nothing["historyEntries"]["nodes"]} == {"STATUS_REASON"}
    assert {each["subjectKind"] for each in entries["historyEntries"]["nodes"]} == {
        *("COURSE_ENROLMENT", "UNIT_ENROLMENT"),
        "USER",
        "COURSE",
        "UNIT",
        "COURSE_OFFER",
        "STATUS_REASON",
    }
    assert await linked.query("{ learners { nodes { id } } }") == {"learners": {"nodes": [{"id": own.gid}]}}


async def test_a_manager_without_a_learner_record_sees_nobody(organisation: Organisation, sign_in: SignIn) -> None:
    client = sign_in(organisation.user(Role.MANAGER))

    assert await client.query("{ learners { totalCount } }") == {"learners": {"totalCount": 0}}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.LEARNER, Role.INTEGRATION])
async def test_what_was_seen_of_a_record_goes_with_the_record(role: Role, own_world: World) -> None:
    """Who sees an entry is asked anew each time: a series that is retired takes its history along."""
    document = "query($id: ID!) { node(id: $id) { id } }"
    entry = {"id": own_world.ids["entry series taken"]}
    client = own_world.clients[role]

    before = await client.query(document, entry)
    await case_of("retireSeries").payload(own_world.clients[Role.OWNER], own_world.ids["series taken"])
    after = await client.query(document, entry)

    assert before == {"node": entry}
    assert after == {"node": None}


@pytest.mark.parametrize("role", list(Role))
async def test_notes_in_history_are_for_administrators(role: Role, world: World) -> None:
    document = "{ historyEntries(first: 100) { nodes { id note } } }"
    noted = ["entry enrolment withdrawn", "entry walk report", "entry learner leaver", "entry learner stranger"]

    data = await world.clients[role].query(document)

    notes = {node["id"] for node in data["historyEntries"]["nodes"] if node["note"]}
    has_read = {label for label in noted if world.ids[label] in notes}
    assert has_read == (set(noted) if role in (Role.OWNER, Role.ADMIN) else set())


@pytest.mark.parametrize("type_", NARROWED)
async def test_an_integration_reads_of_learners_and_enrolments_id_reference_and_status_alone(
    type_: str, world: World
) -> None:
    client = world.clients[Role.INTEGRATION]
    root, label = ROOT_LISTS[type_], f"{KINDS[type_]} report"

    for name, field in object_type(type_).fields.items():
        asked = name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"
        answers = [
            await client.execute(f"{{ {root} {{ nodes {{ {asked} }} }} }}"),
            await client.execute(f"{{ {root} {{ edges {{ node {{ other: {asked} }} }} }} }}"),
            await client.execute(
                f"query($id: ID!) {{ node(id: $id) {{ ... on {type_} {{ {asked} }} }} }}", {"id": world.ids[label]}
            ),
        ]
        for answer in answers:
            assert codes(answer) == ([] if name in READABLE_BY_INTEGRATION else ["FORBIDDEN"]), name


@pytest.mark.parametrize(
    "mutation",
    [
        "recordSignIns",
        "recordSeriesActivity",
        "recordStepCompletions",
        "recordExamResults",
        "recordPayments",
        "recordSurveyAnswers",
    ],
)
async def test_an_integration_reads_no_more_of_what_it_recorded_on(mutation: str, world: World) -> None:
    client, type_ = world.clients[Role.INTEGRATION], result_of(mutation)
    name = f"{mutation[0].upper()}{mutation[1:]}Input"

    for field_name, field in object_type(type_).fields.items():
        one = f"{field_name}(first: 1)" if "first" in field.args else field_name
        asked = one if is_leaf_type(get_named_type(field.type)) else f"{one} {{ __typename }}"
        answer = await client.execute(
            f"mutation($input: {name}!) {{ {mutation}(input: $input) {{ results {{ node {{ {asked} }} }} }} }}",
            {"input": {**world.inputs[mutation], "preview": True}},
        )
        assert codes(answer) == ([] if field_name in READABLE_BY_INTEGRATION else ["FORBIDDEN"]), field_name


def _lists_of(type_: str) -> list[tuple[str, str, str]]:
    """Every field that answers by a filter of the type: (the type that has it, the field, what can be asked of it)."""
    return [
        (parent.name, name, argument)
        for parent in objects()
        if parent.name not in (*NARROWED, "Mutation")
        for name, field in parent.fields.items()
        for argument, given in field.args.items()
        if get_named_type(given.type).name in (f"{type_}Filter", f"{type_}Order")
    ]


@pytest.mark.parametrize("type_", NARROWED)
async def test_an_integration_cannot_filter_or_sort_by_what_it_may_not_read(type_: str, world: World) -> None:
    client = world.clients[Role.INTEGRATION]
    filters, orders = SCHEMA.type_map[f"{type_}Filter"], SCHEMA.type_map[f"{type_}OrderField"]
    assert isinstance(filters, GraphQLInputObjectType)
    assert isinstance(orders, GraphQLEnumType)
    found = {**WHAT_IS_FOUND, "reportsTo": {"manager": world.ids["learner boss"]}}

    for parent, name, argument in _lists_of(type_):
        if parent in ("LearnerUsage", "Group"):  # these are closed to it as a whole
            continue
        what = f"{type_}Filter" if argument == "filter" else f"[{type_}Order!]"
        asked = f"{name}({argument}: $given) {{ __typename }}"
        document = f"query($given: {what}) {{ {below(parent, asked)} }}"
        if argument == "filter":
            for each in filters.fields:
                answer = await client.execute(document, {"given": {each: found.get(each, {})}})
                assert codes(answer) == ([] if each in READABLE_BY_INTEGRATION else ["FORBIDDEN"]), f"{parent}.{each}"
        else:
            for order in orders.values:
                answer = await client.execute(document, {"given": [{"field": order}]})
                is_open = camel(order.lower()) in READABLE_BY_INTEGRATION
                assert codes(answer) == ([] if is_open else ["FORBIDDEN"]), f"{parent}.{order}"


async def test_an_integration_reads_no_history_of_learners(world: World) -> None:
    document = "{ historyEntries(first: 100) { nodes { id subjectKind learner { id } } } }"

    data = await world.clients[Role.INTEGRATION].query(document)

    kinds = {node["subjectKind"] for node in data["historyEntries"]["nodes"]}
    assert kinds == {
        *("SERIES", "PATHWAY", "CERTIFICATION", "CERTIFICATION_VERSION"),
        *("COURSE", "UNIT", "COURSE_OFFER"),
    }
    assert {node["learner"] for node in data["historyEntries"]["nodes"]} == {None}


@pytest.mark.parametrize("role", list(Role))
async def test_a_refusal_names_the_pathway_of_an_enrolment_to_whoever_sees_the_pathway(
    role: Role, own_world: World
) -> None:
    """What stands against a withdrawal is told with the enrolment: it names the pathway that the series was taken with."""
    asked = "status pathwayEnrolment { pathway { title } } actions { reasons { code message } }"
    owner = own_world.clients[Role.OWNER]
    await case_of("retirePathways").payload(owner, own_world.ids["pathway taken"])
    [walked] = (await owner.query(NODE_TITLE, {"id": own_world.ids["pathway taken"]})).values()

    answer = await own_world.clients[role].execute(f"{{ {below('SeriesEnrolment', asked)} }}")

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    nodes = [
        node
        for node in answer["data"]["seriesEnrolments"]["nodes"]
        if node["id"] in (own_world.ids["enrolment walk"], own_world.ids["enrolment report"])
    ]
    assert (walked["title"] in str(nodes)) == (role in (Role.OWNER, Role.ADMIN))


NODE_TITLE = "query($id: ID!) { node(id: $id) { ... on Pathway { title } } }"
