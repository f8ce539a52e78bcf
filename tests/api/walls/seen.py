"""Who sees what: every record that is laid out, and the six roles."""

from portal_api.domain.roles import Role

SEEN = """
    record                   | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    organisation own         | yes   | yes   | yes     | yes     | yes     | yes
    user OWNER               | yes   | yes   |         |         |         |
    user ADMIN               | yes   | yes   |         |         |         |
    user MANAGER             | yes   | yes   | yes     |         |         |
    user TRAINER             | yes   | yes   |         | yes     |         |
    user LEARNER             | yes   | yes   |         |         | yes     |
    user INTEGRATION         | yes   | yes   |         |         |         | yes
    user spare               | yes   | yes   |         |         |         |
    token held               | yes   | yes   |         |         |         |
    token revoked            | yes   | yes   |         |         |         |
    group team               | yes   | yes   |         |         |         |
    group past               | yes   | yes   |         |         |         |
    learner boss             | yes   | yes   |         | yes     |         | yes
    learner manager          | yes   | yes   | yes     |         |         | yes
    learner report           | yes   | yes   | yes     |         | yes     | yes
    learner leaver           | yes   | yes   | yes     |         |         | yes
    learner stranger         | yes   | yes   |         |         |         | yes
    series taken             | yes   | yes   | yes     |         | yes     | yes
    series foreign           | yes   | yes   | yes     |         |         | yes
    series retired           | yes   | yes   |         |         |         |
    series way               | yes   | yes   | yes     |         | yes     | yes
    enrolment boss           | yes   | yes   |         |         |         | yes
    enrolment report         | yes   | yes   | yes     |         | yes     | yes
    enrolment retired        | yes   | yes   | yes     |         | yes     | yes
    enrolment withdrawn      | yes   | yes   | yes     |         | yes     | yes
    enrolment leaver         | yes   | yes   | yes     |         |         | yes
    enrolment stranger       | yes   | yes   |         |         |         | yes
    enrolment walk           | yes   | yes   | yes     |         | yes     | yes
    pathway taken            | yes   | yes   | yes     |         | yes     | yes
    pathway spare            | yes   | yes   | yes     |         |         | yes
    pathway retired          | yes   | yes   |         |         |         |
    step taken               | yes   | yes   | yes     |         | yes     | yes
    step spare               | yes   | yes   | yes     |         |         | yes
    step retired             | yes   | yes   |         |         |         |
    walk boss                | yes   | yes   |         |         |         | yes
    walk report              | yes   | yes   | yes     |         | yes     | yes
    walk retired             | yes   | yes   | yes     |         | yes     | yes
    walk stranger            | yes   | yes   |         |         |         | yes
    certification taken      | yes   | yes   | yes     |         | yes     | yes
    certification foreign    | yes   | yes   | yes     |         |         | yes
    certification gone       | yes   | yes   |         |         |         |
    edition taken            | yes   | yes   | yes     |         | yes     | yes
    edition foreign          | yes   | yes   | yes     |         |         | yes
    edition gone             | yes   | yes   |         |         |         |
    stage taken              | yes   | yes   | yes     |         | yes     | yes
    stage foreign            | yes   | yes   | yes     |         |         | yes
    stage gone               | yes   | yes   |         |         |         |
    record boss              | yes   | yes   |         |         |         | yes
    record report            | yes   | yes   | yes     |         | yes     | yes
    record retired           | yes   | yes   | yes     |         | yes     | yes
    record stranger          | yes   | yes   |         |         |         | yes
    cycle boss               | yes   | yes   |         |         |         |
    cycle report             | yes   | yes   | yes     |         | yes     |
    cycle stranger           | yes   | yes   |         |         |         |
    progress boss            | yes   | yes   |         |         |         |
    progress report          | yes   | yes   | yes     |         | yes     |
    progress stranger        | yes   | yes   |         |         |         |
    attempt report           | yes   | yes   | yes     |         | yes     |
    attempt stranger         | yes   | yes   |         |         |         |
    source boss              | yes   | yes   |         |         |         |
    source report            | yes   | yes   | yes     |         | yes     |
    source stranger          | yes   | yes   |         |         |         |
    approval boss            | yes   | yes   |         |         |         |
    approval report          | yes   | yes   | yes     |         | yes     |
    approval stranger        | yes   | yes   |         |         |         |
    certificate report       | yes   | yes   | yes     |         | yes     |
    certificate stranger     | yes   | yes   |         |         |         |
    resource open            | yes   | yes   | yes     |         | yes     |
    resource taken           | yes   | yes   | yes     |         | yes     |
    resource foreign         | yes   | yes   |         |         |         |
    resource retired         | yes   | yes   |         |         |         |
    certification held       | yes   | yes   | yes     |         | yes     | yes
    certification open       | yes   | yes   | yes     |         | yes     | yes
    certification asked      | yes   | yes   | yes     |         | yes     | yes
    certification closed     | yes   | yes   | yes     |         |         | yes
    certification retired    | yes   | yes   |         |         |         |
    edition held             | yes   | yes   | yes     |         | yes     | yes
    edition past             | yes   | yes   | yes     |         | yes     | yes
    edition draft            | yes   | yes   |         |         |         |
    edition open             | yes   | yes   | yes     |         | yes     | yes
    edition asked            | yes   | yes   | yes     |         | yes     | yes
    edition closed           | yes   | yes   | yes     |         |         | yes
    edition retired          | yes   | yes   |         |         |         |
    stage held               | yes   | yes   | yes     |         | yes     | yes
    stage past               | yes   | yes   | yes     |         | yes     | yes
    stage draft              | yes   | yes   |         |         |         |
    stage open               | yes   | yes   | yes     |         | yes     | yes
    stage asked              | yes   | yes   | yes     |         | yes     | yes
    stage closed             | yes   | yes   | yes     |         |         | yes
    stage retired            | yes   | yes   |         |         |         |
    course taught            | yes   | yes   | yes     | yes     |         | yes
    course taken             | yes   | yes   | yes     |         | yes     | yes
    course foreign           | yes   | yes   | yes     |         |         | yes
    course retired           | yes   | yes   |         |         |         |
    course old               | yes   | yes   |         | yes     |         |
    unit taught              | yes   | yes   | yes     | yes     |         | yes
    unit taken               | yes   | yes   | yes     |         | yes     | yes
    unit foreign             | yes   | yes   | yes     |         |         | yes
    unit retired             | yes   | yes   |         |         | yes     |
    offer taught             | yes   | yes   | yes     | yes     |         | yes
    offer taken              | yes   | yes   | yes     |         | yes     | yes
    offer foreign            | yes   | yes   | yes     |         |         | yes
    offer retired            | yes   | yes   |         |         |         |
    offer old                | yes   | yes   |         | yes     |         |
    attendance boss          | yes   | yes   |         |         |         | yes
    attendance taught        | yes   | yes   |         | yes     |         | yes
    attendance report        | yes   | yes   | yes     |         | yes     | yes
    attendance retired       | yes   | yes   | yes     |         | yes     | yes
    attendance stranger      | yes   | yes   |         |         |         | yes
    module boss              | yes   | yes   |         |         |         |
    module taught            | yes   | yes   |         | yes     |         |
    module report            | yes   | yes   | yes     |         | yes     |
    module stranger          | yes   | yes   |         |         |         |
    survey taught            | yes   | yes   |         |         |         | yes
    survey report            | yes   | yes   | yes     |         | yes     | yes
    survey stranger          | yes   | yes   |         |         |         | yes
    reason kept              | yes   | yes   | yes     | yes     | yes     |
    reason retired           | yes   | yes   | yes     | yes     | yes     |
    credential report        | yes   | yes   | yes     |         | yes     |
    credential stranger      | yes   | yes   |         |         |         |
    document report          | yes   | yes   |         |         | yes     |
    document stranger        | yes   | yes   |         |         |         |
    entry credential report  | yes   | yes   | yes     |         | yes     |
    entry credential stranger | yes  | yes   |         |         |         |
    entry document report    | yes   | yes   |         |         | yes     |
    entry document stranger  | yes   | yes   |         |         |         |
    entry course taught      | yes   | yes   | yes     | yes     |         | yes
    entry course taken       | yes   | yes   | yes     |         | yes     | yes
    entry course retired     | yes   | yes   |         |         |         |
    entry course old         | yes   | yes   |         | yes     |         |
    entry unit taught        | yes   | yes   | yes     | yes     |         | yes
    entry unit foreign       | yes   | yes   | yes     |         |         | yes
    entry unit retired       | yes   | yes   |         |         | yes     |
    entry offer taught       | yes   | yes   | yes     | yes     |         | yes
    entry offer taken        | yes   | yes   | yes     |         | yes     | yes
    entry offer retired      | yes   | yes   |         |         |         |
    entry offer old          | yes   | yes   |         | yes     |         |
    entry attendance taught  | yes   | yes   |         | yes     |         |
    entry attendance report  | yes   | yes   | yes     |         | yes     |
    entry attendance stranger | yes  | yes   |         |         |         |
    entry module taught      | yes   | yes   |         | yes     |         |
    entry module report      | yes   | yes   | yes     |         | yes     |
    entry module stranger    | yes   | yes   |         |         |         |
    entry survey report      | yes   | yes   | yes     |         | yes     |
    entry survey stranger    | yes   | yes   |         |         |         |
    entry reason retired     | yes   | yes   | yes     | yes     | yes     |
    export OWNER             | yes   | yes   |         |         |         |
    export MANAGER           | yes   | yes   | yes     |         |         |
    entry organisation own   | yes   | yes   |         |         |         |
    entry user spare         | yes   | yes   |         |         |         |
    entry user TRAINER       | yes   | yes   |         | yes     |         |
    entry token revoked      | yes   | yes   |         |         |         |
    entry group past         | yes   | yes   |         |         |         |
    entry learner leaver     | yes   | yes   | yes     |         |         |
    entry learner stranger   | yes   | yes   |         |         |         |
    entry series taken       | yes   | yes   | yes     |         | yes     | yes
    entry series foreign     | yes   | yes   | yes     |         |         | yes
    entry series retired     | yes   | yes   |         |         |         |
    entry enrolment withdrawn | yes  | yes   | yes     |         | yes     |
    entry pathway taken      | yes   | yes   | yes     |         | yes     | yes
    entry pathway spare      | yes   | yes   | yes     |         |         | yes
    entry pathway retired    | yes   | yes   |         |         |         |
    entry walk report        | yes   | yes   | yes     |         | yes     |
    entry record report      | yes   | yes   | yes     |         | yes     |
    entry record stranger    | yes   | yes   |         |         |         |
    entry approval report    | yes   | yes   | yes     |         | yes     |
    entry certificate report | yes   | yes   | yes     |         | yes     |
    entry resource open      | yes   | yes   | yes     |         | yes     |
    entry resource taken     | yes   | yes   | yes     |         | yes     |
    entry resource foreign   | yes   | yes   |         |         |         |
    entry resource retired   | yes   | yes   |         |         |         |
    entry certification held | yes   | yes   | yes     |         | yes     | yes
    entry certification open | yes   | yes   | yes     |         | yes     | yes
    entry certification closed | yes | yes   | yes     |         |         | yes
    entry certification retired | yes | yes  |         |         |         |
    entry edition past       | yes   | yes   | yes     |         | yes     | yes
    entry edition closed     | yes   | yes   | yes     |         |         | yes
    entry edition made       | yes   | yes   |         |         |         |
    edition made             | yes   | yes   |         |         |         |
    learncycle off           | yes   | yes   |         |         |         |
    learncycle gone          | yes   | yes   |         |         |         |
    run report               | yes   | yes   |         |         |         |
    run stranger             | yes   | yes   |         |         |         |
    task report              | yes   | yes   |         |         |         |
    task stranger            | yes   | yes   |         |         |         |
    task given               | yes   | yes   | yes     |         |         |
    task MANAGER             | yes   | yes   | yes     |         |         |
    task TRAINER             | yes   | yes   |         | yes     |         |
    task LEARNER             | yes   | yes   |         |         | yes     |
    notification report      | yes   | yes   |         |         | yes     |
    notification manager     | yes   | yes   | yes     |         |         |
    notification stranger    | yes   | yes   |         |         |         |
    endpoint kept            | yes   | yes   |         |         |         |
    endpoint gone            | yes   | yes   |         |         |         |
    delivery kept            | yes   | yes   |         |         |         |
    delivery gone            | yes   | yes   |         |         |         |
    entry learncycle gone    | yes   | yes   |         |         |         |
    entry endpoint gone      | yes   | yes   |         |         |         |
    entry delivery gone      | yes   | yes   |         |         |         |
    entry task report        | yes   | yes   |         |         |         |
    entry task given         | yes   | yes   | yes     |         |         |
    entry task stranger      | yes   | yes   |         |         |         |
    entry notification report | yes  | yes   |         |         | yes     |
    entry notification stranger | yes | yes  |         |         |         |
    entry export MANAGER     | yes   | yes   | yes     |         |         |
"""
"""A history entry is seen by whoever sees its record now; of the organisation itself, its people's entries aside, by its
administrators alone, as its settings are. INTEGRATION reads no learner's history, as it reads of them three fields alone."""


def records() -> list[str]:
    """What each record is called, from the top down."""
    return [line.split("|")[0].strip() for line in SEEN.strip().splitlines()[1:]]


def seen_by(role: Role) -> set[str]:
    """The records that a role sees."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in SEEN.strip().splitlines())
    return {row[0] for row in rows if row[head.index(role.name)] == "yes"}
