"""Who has which certification in the demonstration, and what befell them in it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from portal_api.domain.history import ActorKind
from portal_api.domain.roles import Role
from portal_api.importers import demo_acts as acts
from portal_api.importers.days import Days
from portal_api.importers.demo_biographies import Biography
from portal_api.importers.demo_certifications import Kind, history_of, invented_certifications
from portal_api.importers.demo_cycles import Cast
from portal_api.importers.demo_groups import GROUPS, KITCHENS, NORTHERN, WESTERN, MadeGroup
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.demo_people import ADDED_ON, Participant
from portal_api.importers.demo_stories import (
    LEFT_GROUP,
    NEVER_SIGNED_IN,
    OF_GROUPS,
    OF_THE_LEARNER,
    OF_THE_TEAM,
    STORIES,
    Phase,
    Story,
)
from portal_api.importers.reporting import first_without_reports, lines, managers, middle_manager
from portal_api.importers.writing import NewUser, Writer, batches
from portal_api.importers.writing_certifications import (
    LEARNERS_AT_ONCE,
    NewCertification,
    NewRecords,
    write_certifications,
    write_records,
)

RECORDS_A_LEARNER = 3
QUIET = 45
"""For how many days a learner may have done nothing."""
EARLIEST = ADDED_ON + 2
ASSIGNED_BY = {Kind.FIRE: (NORTHERN, WESTERN), Kind.FOOD: (KITCHENS,)}
"""The groups that assign certifications."""
ONE_IN_LEFT = 4
"""Every so many of those whom the retired group held, one was assigned by it."""


async def write_certified(
    writer: Writer,
    people: Sequence[Participant],
    staff: Sequence[NewUser],
    groups: Sequence[MadeGroup],
    chronicle: Chronicle,
    domain: str,
    seed: int,
    days: Days,
) -> None:
    """Writes the certifications of an organisation and what befell its learners in them, with the histories of both.

    Args:
        writer: the organisation, whose learners, users and groups come first.
        people: its learners.
        staff: its users.
        groups: its groups, in the order of `GROUPS`.
        chronicle: tells its history.
        domain: where its files are.
        seed: what all that is invented is invented from.
        days: its days.
    """
    made = dict(zip(GROUPS, groups, strict=True))
    assigned_by = {kind: tuple(made[each].id for each in own) for kind, own in ASSIGNED_BY.items()}
    sets = invented_certifications(len(people), assigned_by, chronicle.ids, days)
    library = [each for of_set in sets for each in of_set.values()]
    await write_certifications(writer, library)
    await writer.history([entry for each in library for entry in history_of(each, chronicle)])
    of_role = {user.role: user for user in staff}
    cast = Cast(
        chronicle=chronicle,
        admin=(ActorKind.USER, of_role[Role.ADMIN].id),
        machine=(ActorKind.INTEGRATION, of_role[Role.INTEGRATION].id),
        own={user.learner_id: (ActorKind.USER, user.id) for user in staff if user.learner_id},
        domain=domain,
        days=days,
        random=Random(seed),
    )
    holders = {
        learner_id: (kind, made[group].id)
        for kind, own in ASSIGNED_BY.items()
        for group in own
        if group is not WESTERN
        for learner_id in made[group].learner_ids
    }
    teller = _Teller(cast, sets, holders, made[WESTERN], _Deck(cast.random, people))
    await write_records(writer, teller.parts(people), len(people))


def _told_first(people: Sequence[Participant]) -> dict[int, tuple[Story, ...]]:
    """The stories that somebody in particular has, by their place: the users, and two who report to one."""
    count = len(people)
    linked, manager = first_without_reports(count), middle_manager(count)
    under = sorted({learner for above, learner, _ in lines(managers(count)) if above == manager})
    able = [place for place in under if place != linked and _is_able(people[place])]
    return {linked: OF_THE_LEARNER} | {place: (story,) for place, story in zip(able, OF_THE_TEAM, strict=False)}


def _is_able(person: Participant) -> bool:
    """Whether any story can be theirs: they have signed in, and are active still."""
    return person.has_signed_in and person.learner.deactivation is None


class _Deck:
    """Deals stories, each once and then by their shares; to nobody two of one kind."""

    def __init__(self, random: Random, people: Sequence[Participant]) -> None:
        self._random = random
        self._first = _told_first(people)
        told = [story for own in self._first.values() for story in own]
        self._waiting = [story for story in STORIES if story not in told]
        self._able = sum(map(_is_able, people))

    def deal(self, person: Participant, taken: set[Kind]) -> Iterator[Story]:
        """The stories of somebody, besides those of the kinds that are taken.

        Everybody has three; where there are few people, as many more as it takes to tell every story.
        """
        own = self._first.get(person.place, ())
        yield from own
        taken.update(story.kind for story in own)
        number = 0 if own is OF_THE_LEARNER else RECORDS_A_LEARNER - len(taken)
        if _is_able(person):
            if own is not OF_THE_LEARNER:
                number = max(number, -(-len(self._waiting) // self._able))
            self._able -= 1
        for _ in range(number):
            story = self._waiting_for(person, taken) or self._by_share(taken)
            taken.add(story.kind)
            yield story

    def _waiting_for(self, person: Participant, taken: set[Kind]) -> Story | None:
        """A story that has not been told, of the kind of which there are most; what is closed to the inactive shows less."""
        if not (self._waiting and _is_able(person)):
            return None
        left = Counter(story.kind for story in self._waiting)
        story = max(self._waiting, key=lambda each: (each.kind not in taken, left[each.kind]))
        if story.kind in taken:
            return None
        self._waiting.remove(story)
        return story

    def _by_share(self, taken: set[Kind]) -> Story:
        while True:
            [story] = self._random.choices(STORIES, SHARES)
            if story.kind not in taken:
                return story


SHARES = [story.share for story in STORIES]


@dataclass(slots=True)
class _Teller:
    """Tells what befell each learner."""

    cast: Cast
    sets: Sequence[Mapping[Kind, NewCertification]]
    holders: Mapping[UUID, tuple[Kind, UUID]]
    """The learners whom a group in use holds, each with what it assigns."""
    retired: MadeGroup
    deck: _Deck
    number: int = 0
    of_groups: int = 0

    def parts(self, people: Sequence[Participant]) -> Iterator[NewRecords]:
        """All records, those of some learners at a time."""
        for some in batches(people, LEARNERS_AT_ONCE):
            part = NewRecords()
            for person in some:
                for story, edition in self._stories(person):
                    self._tell(part, person, story, self.sets[edition % len(self.sets)][story.kind])
            yield part

    def _stories(self, person: Participant) -> Iterator[tuple[Story, int]]:
        """The stories of a learner, and in which set of certifications; groups assign those of the first."""
        taken: set[Kind] = set()
        if story := self._of_group(person):
            taken.add(story.kind)
            yield story, 0
        if not person.has_signed_in:
            dealt: Iterator[Story] = iter(NEVER_SIGNED_IN[: RECORDS_A_LEARNER - len(taken)])
        else:
            dealt = self.deck.deal(person, taken)
        for story in dealt:
            yield story, person.place

    def _of_group(self, person: Participant) -> Story | None:
        """What befell somebody whom a group assigned."""
        held = self.holders.get(person.learner.id)
        if held is None:
            has_left = person.learner.id in self.retired.learner_ids and person.place % ONE_IN_LEFT == 0
            if not (has_left and person.has_signed_in):
                return None
            kind, group_id, then = Kind.FIRE, self.retired.id, LEFT_GROUP
        else:
            kind, group_id = held
            then = OF_GROUPS[self.of_groups % len(OF_GROUPS)] if _is_able(person) else OF_GROUPS[0]
            self.of_groups += _is_able(person)
        first, *others = then
        return Story(kind, (first._replace(acts=(acts.assigned_by(group_id), *first.acts)), *others))

    def _tell(self, part: NewRecords, person: Participant, story: Story, certification: NewCertification) -> None:
        life = Biography(self.cast, part, person.learner.id, certification, f"LC-{self.number + 1:06}")
        days, random = self.cast.days, self.cast.random
        last = person.latest - person.place % QUIET
        for phase in story.phases:
            for day, act in zip(self._days(phase, last), phase.acts, strict=True):
                life.until(days.at(day, random.randint(8, 11)))
                act(life)
        life.until(days.at(story.settled))
        self.number += life.record is not None

    def _days(self, phase: Phase, last: int) -> list[int]:
        """A day for each act: one or two after the one before."""
        random = self.cast.random
        day = min(last, random.randint(*phase.ends)) if phase.ends else last
        before: list[int] = []
        for _ in phase.acts:
            before.append(max(day, EARLIEST))
            day -= random.randint(1, 2)
        return before[::-1]
