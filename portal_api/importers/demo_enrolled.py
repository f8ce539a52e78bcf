"""Who is in which course of the demonstration, and what befell them there."""

from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from random import Random

from portal_api.domain.roles import Role
from portal_api.importers.days import Days
from portal_api.importers.demo_courses import CourseLibrary, Offer, write_course_library
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.demo_people import Participant
from portal_api.importers.demo_studies import Office, Study
from portal_api.importers.demo_study_stories import OF_A_CANDIDATE, OF_THE_LEARNER, STORIES, Story
from portal_api.importers.reporting import first_without_reports
from portal_api.importers.writing import NewUser, Writer

WITHOUT = 4
"""Each fourth learner is in no course."""
Pair = tuple[Participant, Story]


async def write_enrolled(
    writer: Writer,
    people: Sequence[Participant],
    staff: Sequence[NewUser],
    chronicle: Chronicle,
    name: str,
    seed: int,
    days: Days,
) -> CourseLibrary:
    """Writes the courses of an organisation and what befell its learners in them, with the history of that.

    Args:
        writer: the organisation, whose learners and users come first.
        people: its learners.
        staff: its users.
        chronicle: tells its history.
        name: what it is called.
        seed: what all that is invented is invented from.
        days: its days.

    Returns:
        The offers, and the reasons for statuses.
    """
    trainer_id = next(user.id for user in staff if user.role is Role.TRAINER)
    library = await write_course_library(writer, trainer_id, chronicle.ids, days)
    office = Office(chronicle, trainer_id, name, library, days)
    for number, (participant, story) in enumerate(_pairs(people, Random(seed + 3)), start=1):
        study = Study(
            office,
            participant.learner,
            library.offers[story.offer],
            f"CE-{number:06}",
            story.begins,
            has_units=story.has_units,
            has_commitment=story.has_commitment,
        )
        story.tell(study)
    for table, rows in office.rows.items():
        await writer.rows(table, table.name.replace("_", " "), rows, len(rows))
    await writer.history(office.entries)
    return library


def _pairs(people: Sequence[Participant], random: Random) -> Iterator[Pair]:
    """Who is told what: fixed stories of some, then every story once, then by their shares; nobody is in an offer twice."""
    known, candidate = _known(people)
    taken = {(known.place, story.offer) for story in OF_THE_LEARNER}
    yield from ((known, story) for story in OF_THE_LEARNER)
    yield from ((candidate, story) for story in OF_A_CANDIDATE)
    others = [each for each in people if each.place % WITHOUT != 0 and each.place not in (known.place, candidate.place)]
    turns = {
        is_inactive: cycle([each for each in others if is_inactive <= (each.learner.deactivation is not None)])
        for is_inactive in (False, True)
    }
    shared = [story for story in STORIES if story.share]
    more = random.choices(shared, [story.share for story in shared], k=max(0, len(others) - len(STORIES)))
    for story in chain(STORIES, more):
        participant = _next(turns[story.of_inactive], taken, story.offer)
        taken.add((participant.place, story.offer))
        yield participant, story


def _known(people: Sequence[Participant]) -> tuple[Participant, Participant]:
    """The learner who is a user, and the next one who is active."""
    place = first_without_reports(len(people))
    return people[place], next(each for each in people[place + 1 :] if not each.learner.deactivation)


def _next(turn: Iterator[Participant], taken: set[tuple[int, Offer]], offer: Offer) -> Participant:
    """Whose turn it is; whoever is in the offer already is passed over."""
    return next(each for each in turn if (each.place, offer) not in taken)
