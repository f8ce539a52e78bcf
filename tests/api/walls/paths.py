"""Every path to a record, as the schema has it: the arguments that name one, and the fields that lead to others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, get_named_type

from portal_api.domain.roles import Role
from portal_api.schema import executable_schema
from tests.api.cases import CALL_CASES, CASES, case_of
from tests.api.walls.kinds import KINDS, NAMED_BY, TYPES
from tests.client import Json
from tests.clock import START
from tests.factories import DAY

SCHEMA = executable_schema()
NODE = SCHEMA.type_map["Node"]
CURSORS = ("after", "before")
COMPARISONS = ("eq", "in", "notIn")
"""With one value each, and read alike."""


@dataclass(frozen=True)
class Place:
    """An argument, or a field of an input below it, that takes an id or a text."""

    parent: str
    field: str
    path: tuple[str, ...]
    owner: str
    """The input that has the field at the end of the path, or the type whose field has the argument."""
    name: str
    """The field of that input, or the argument; what a comparison compares with goes by the name of what is compared."""
    is_id: bool
    takes_list: bool

    def __str__(self) -> str:
        return f"{self.parent}.{self.field}({'.'.join(self.path)})"

    @property
    def is_cursor(self) -> bool:
        return self.owner == self.parent and self.name in CURSORS


def is_turn_of(role: Role, place: Place) -> bool:
    """Whether a role asks at a place in the short proof; the long one has all roles ask at all places.

    Of the comparisons with one field each role makes one, and of the two cursors of a list it takes one: others those of
    other fields and lists. Between them they make and take them all.
    """
    *above, last = place.path
    alike = COMPARISONS if last in COMPARISONS else CURSORS if place.is_cursor else (last,)
    turn = crc32(f"{place.parent}.{place.field}({'.'.join(above)})".encode()) + list(Role).index(role)
    return alike[turn % len(alike)] == last


def object_type(name: str) -> GraphQLObjectType:
    """An object type of the schema."""
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    return type_


def objects() -> Iterator[GraphQLObjectType]:
    """The object types of the schema, those of introspection aside."""
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield type_


def _places_in(type_: Any, at: Place) -> Iterator[Place]:
    named = get_named_type(type_)
    if named.name in ("ID", "String"):
        yield Place(at.parent, at.field, at.path, at.owner, at.name, named.name == "ID", "[" in str(type_))
    elif isinstance(named, GraphQLInputObjectType):
        is_comparison = named.name.endswith("Comparison")
        for name, field in named.fields.items():
            owner, called = (at.owner, at.name) if is_comparison else (named.name, name)
            yield from _places_in(
                field.type, Place(at.parent, at.field, (*at.path, name), owner, called, is_id=False, takes_list=False)
            )


PLACES = [
    place
    for type_ in objects()
    for name, field in type_.fields.items()
    for argument, given in field.args.items()
    for place in _places_in(
        given.type, Place(type_.name, name, (argument,), type_.name, argument, is_id=False, takes_list=False)
    )
]
STANDS_FOR = {"LearnerWithInactiveEnrolments": "Learner"}
"""What is no record and stands for one, in a list at the root that is for administrators."""
ROOT_LISTS = {
    type_: name
    for name, field in object_type("Query").fields.items()
    if get_named_type(field.type).name.endswith("Connection")
    and (type_ := get_named_type(field.type).name.removesuffix("Connection")) not in STANDS_FOR
}
"""The list at the root of each type of record that has one."""


def result_of(mutation: str) -> str:
    """The type of the records that a mutation answers with."""
    payload = get_named_type(object_type("Mutation").fields[mutation].type)
    result = get_named_type(object_type(payload.name).fields["results"].type)
    return result.name.removesuffix("Result")


ROWS = {
    "enrolInSeries": ("learnerIds",),
    "enrolInPathway": ("learnerIds",),
    "assignCertification": ("learnerIds",),
    "requestCredentials": ("courseEnrolmentIds",),
    "recordSeriesActivity": ("activities", "enrolmentId"),
    "recordStepCompletions": ("completions", "learnerCertificationId"),
    "recordExamResults": ("results", "learnerCertificationId"),
    "recordPayments": ("payments", "learnerCertificationId"),
    "enrolInCourse": ("learners", "learnerId"),
    "finaliseCourseEnrolments": ("enrolments", "id"),
    "transitionCourseEnrolments": ("enrolments", "id"),
    "updateUnitEnrolments": ("units", "id"),
    "recordSurveyAnswers": ("answers", "surveyId"),
}
"""Where a mutation takes the records that its versions are of, when that is not `ids`."""
CALLED_ON = {"removeAssignments": "AssignmentSource", "requestSurveys": "CourseEnrolment"}
"""The type of the records that a mutation names, when that is not what it answers with."""
KEPT_AS_GIVEN = {
    "idempotencyKey",
    "note",
    "name",
    "title",
    "url",
    "examTitle",
    "currency",
    "timeZone",
    "email",
    "givenName",
    "familyName",
    "attribute",
    "value",
    "values",
    "to",
    "body",
    "text",
    "comment",
    "paymentRef",
    "answersRef",
    "links",
    "fileName",
    "content",
    "number",
}
"""Texts that lead nowhere: no record is found by them. What is told of a register number is told to everybody alike."""


CERTIFYING = {"LearnerCertification", "Approval", "Certificate"}
"""What hangs on a learner's certification and has a history of its own."""
TRAINING = {"CourseEnrolment", "UnitEnrolment", "Survey"}
"""What hangs on a learner's enrolment in a course, likewise."""
SEARCHED_BY_LEARNER = {"LearnerCertification", "Approval", "Credential"}

SUBJECTS_OF_TASKS = ("learner", "enrolment", "record", "certificate", "attendance", "module")
"""What a task can be about: a learner, and what belongs to one and can trigger a learncycle."""


def id_leads_to(place: Place) -> tuple[str, ...]:
    """The kinds of records that an id leads to at a place; none where nobody has said it."""
    if place.path[0] in ("id", "ids") and place.field in ("node", "nodes"):
        return tuple(KINDS.values())
    if place.owner == "NewTaskInput" and place.name == "subjectId":
        return SUBJECTS_OF_TASKS
    type_ = _named_type_at(place)
    return (KINDS[type_],) if type_ else ()


def _named_type_at(place: Place) -> str | None:
    by_name = NAMED_BY.get(place.name.removesuffix("s") if place.takes_list else place.name)
    if by_name:
        return by_name
    if place.field == "simulateLearncycle":
        return "Learncycle"
    if place.owner == "Query" and place.name == "id":
        return get_named_type(object_type("Query").fields[place.field].type).name
    if place.owner.endswith("Filter") and place.name == "id":
        filtered = place.owner.removesuffix("Filter")
        return STANDS_FOR.get(filtered, filtered)
    if place.owner == "ExpectedVersion":
        return NAMED_BY.get(ROWS.get(place.field, ("ids",))[-1].removesuffix("s")) or _changed_by(place.field)
    if place.parent == "Mutation" and place.path[1:] in (("id",), ("ids",), ROWS.get(place.field)):
        return _changed_by(place.field)
    return None


def _changed_by(mutation: str) -> str:
    """The type of the records that a mutation is called on."""
    table = next((case.table for case in (*CASES, *CALL_CASES) if case.mutation == mutation), None)
    return CALLED_ON.get(mutation, result_of(mutation)) if table is None else TYPES[table]


def text_leads_to(place: Place) -> str | None:
    """The kind of the records that are found by a text at a place: by a reference, or by a word of a search."""
    type_ = None
    if place.owner == "Query":
        type_ = get_named_type(object_type("Query").fields[place.field].type).name
    elif place.owner.endswith("Filter"):
        type_ = place.owner.removesuffix("Filter")
        type_ = STANDS_FOR.get(type_, type_)
    elif place.parent == "Mutation" and place.name == "externalRef":
        type_ = result_of(place.field)
    match place.name:
        case "externalRef":
            return KINDS[type_] if type_ else None
        case "search" if type_:
            return KINDS["Learner" if type_.endswith("Enrolment") or type_ in SEARCHED_BY_LEARNER else type_]
        case "registerNumber":
            return KINDS["Credential"]
        case "identifier":
            return KINDS["Unit"]
        case "commitmentId" | "programIdentifier" | "studentIdentifier" | "trackingCode" if (
            type_ and place.parent != "Mutation"
        ):
            return KINDS[type_]
        case _:
            return None


def tells_nothing(place: Place) -> bool:
    """Whether a place says nothing of any record, whoever asks.

    What an export is asked for is kept, and answered when it is written, by the list that it is of; no learner is found in
    the history of records that belong to none. A training step is looked for in the record of whoever hands in evidence; the
    scene's Owner has none. A learncycle's step takes what is its own: that of
    the scene, a task, no reason; and its one learner with inactive enrolments is in no group.
    """
    of_a_learner = {"Query", "Learner", "SeriesEnrolment", "PathwayEnrolment", *CERTIFYING, *TRAINING}
    is_of_none = place.owner == "HistoryEntryFilter" and place.parent not in of_a_learner
    is_of_own_record = place.field == "submitEvidence" and place.name == "stepId"
    is_of_another_step = place.field in ("createLearncycle", "updateLearncycle") and place.name == "statusReasonId"
    is_of_candidates = place.field == "learnersWithInactiveEnrolments" and "groupId" in str(place)
    return (
        is_of_own_record
        or is_of_another_step
        or is_of_candidates
        or place.field == "requestExport"
        or (is_of_none and place.name == "learnerId")
    )


def leads_to_records(type_: GraphQLNamedType) -> bool:
    """Whether a type is a record, or a list or an answer that has some."""
    if type_ is NODE or (isinstance(type_, GraphQLObjectType) and NODE in type_.interfaces):
        return True
    return isinstance(type_, GraphQLObjectType) and type_.name.endswith(("Connection", "Payload"))


LINKS = {
    f"{type_.name}.{name}"
    for type_ in objects()
    if not type_.name.endswith(("Connection", "Edge", "Result")) and type_.name not in ("Query", "Mutation")
    for name, field in type_.fields.items()
    if leads_to_records(get_named_type(field.type))
}
"""Every field that leads from a record, or from the viewer, to others; the records of a mutation are those it was given."""


def selected(type_: GraphQLNamedType) -> str:
    """All that a field can tell, down to the records."""
    if type_ is NODE or (isinstance(type_, GraphQLObjectType) and NODE in type_.interfaces):
        return "{ __typename id }"
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    told = [f"{name} {selected(get_named_type(field.type))}" for name, field in type_.fields.items()]
    if isinstance(type_, GraphQLInterfaceType):
        for kind in SCHEMA.get_possible_types(type_):
            more = (
                f"{name} {selected(get_named_type(field.type))}"
                for name, field in kind.fields.items()
                if name not in type_.fields
            )
            told.append(f"... on {kind.name} {{ __typename {' '.join(more)} }}")
    return f"{{ {' '.join(told)} }}"


AROUND = {
    "Query": "{}",
    "Mutation": "{}",
    "Organisation": "viewer {{ organisation {{ id {} }} }}",
    "LearnerUsage": f'learnerUsage(month: "{START:%Y-%m}-01") {{{{ {{}} }}}}',
    "SeriesInsights": "seriesInsights {{ {} }}",
    "CertificationInsights": "certificationInsights {{ {} }}",
    "ApprovalInsights": "approvalInsights {{ {} }}",
    "LifecycleColumn": "lifecycleBoard {{ stages {{ {} }} }}",
    "LearnerWithInactiveEnrolments": "learnersWithInactiveEnrolments(first: 50) {{ nodes {{ {} }} }}",
    "CertificationVersion": (
        "certifications(first: 25) {{ nodes {{ id versions(first: 10) {{ nodes {{ id {} }} }} }} }}"
    ),
    "CertificationCycle": "learnerCertifications(first: 50) {{ nodes {{ cycle {{ id {} }} }} }}",
    "Certificate": "learnerCertifications(first: 50) {{ nodes {{ certificate {{ id {} }} }} }}",
}


def below(parent: str, asked: str) -> str:
    """Asks for fields of a type: at the root, or below all records of that type that the viewer can list."""
    if parent in AROUND:
        return AROUND[parent].format(asked)
    return f"{ROOT_LISTS[parent]}(first: 50) {{ nodes {{ id {asked} }} }}"


_PERIOD = f'since: "{START - DAY:%Y-%m-%dT%H:%M:%SZ}", until: "{START:%Y-%m-%dT%H:%M:%SZ}"'
BESIDES = {
    ("simulateLearncycle", "id"): f", {_PERIOD}",
    ("simulateLearncycle", "after"): f', id: "lcy_{0:032x}", {_PERIOD}',
}
"""What else a field must be given, with what it is asked by."""


def document(place: Place) -> str:
    """Asks at a place."""
    field = object_type(place.parent).fields[place.field]
    argument = place.path[0]
    also = BESIDES.get((place.field, place.name), "")
    asked = f"{place.field}({argument}: $given{also}) {selected(get_named_type(field.type))}"
    operation = "mutation" if place.parent == "Mutation" else "query"
    given = f"($given: {str(field.args[argument].type).rstrip('!')}!)"
    return f"{operation}{given} {{ {below(place.parent, asked)} }}"


def variables(place: Place, value: str, inputs: Mapping[str, Json]) -> Json:
    """What is sent to ask at a place for a value.

    Args:
        inputs: what the mutations that have one row are given, by their names.
    """
    given: Any = [value] if place.takes_list else value
    if place.parent != "Mutation":
        return {"given": _within({}, place.path[1:], given)}
    if place.field == "requestExport":
        whole: Json = {}
    else:
        whole = inputs.get(place.field) or {"ids": [value], **case_of(place.field).input}
    if place.owner == "ExpectedVersion":
        *above, last = ROWS.get(place.field, ("ids",))
        whole = _within(whole, (*above, last), [value] if last.endswith("s") else value)
        whole["expectedVersions"] = [{"id": value, "version": 1}]
    else:
        whole = _within(whole, place.path[1:], given)
    return {"given": {**whole, "preview": True}}


def _within(whole: Any, path: tuple[str, ...], given: Any) -> Any:
    """An input with what is given in its place, in the first row of a list as well."""
    if not path:
        return given
    name, *further = path
    own = whole.get(name)
    if isinstance(own, list) and further:
        return {**whole, name: [_within(own[0], tuple(further), given)]}
    return {**whole, name: _within(own if isinstance(own, dict) else {}, tuple(further), given)}
