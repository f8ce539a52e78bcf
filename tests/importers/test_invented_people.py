"""Invented people are varied, have addresses that reach nobody, and are the same in each run."""

import re

from portal_api.importers.people import Inventor, _languages

ADDRESS = re.compile(r"[a-z]+\.[a-z]+\.l-[0-9]+@college\.example")


def invented(seed: int, count: int) -> list[tuple[str, str, str]]:
    inventor = Inventor(seed, "college.example")
    people = [inventor.person(f"L-{number}") for number in range(count)]
    return [(each.given_name, each.family_name, each.email) for each in people]


def test_a_seed_always_invents_the_same_people() -> None:
    assert invented(1, 500) == invented(1, 500)
    assert invented(1, 500) != invented(2, 500)


def test_people_have_names_of_many_languages_and_an_address_of_their_own() -> None:
    people = invented(1, 3_000)

    assert len({(given, family) for given, family, _ in people}) > 1_500
    assert len({email for _, _, email in people}) == len(people)
    assert all(ADDRESS.fullmatch(email) for _, _, email in people)
    written = "".join(given + family for given, family, _ in people)
    for script in ("a-z", "à-ÿ", "ĀāŁłŞş", "Α-ω", "А-я", "一-鿿", "぀-ゟ", "가-힣", "ا-ي", "अ-ह"):
        assert re.search(f"[{script}]", written), script


def test_every_name_can_stand_in_an_address() -> None:
    languages, _ = _languages()

    unreadable = [
        name
        for language in languages
        for name in (*language.given, *language.family)
        if not name.written or not name.latin
    ]

    assert not unreadable


def test_no_name_is_there_twice_in_a_language() -> None:
    languages, _ = _languages()

    for language in languages:
        for names in (language.given, language.family):
            written = [name.written for name in names]
            assert len(set(written)) == len(written), written
