"""How many statements a call takes, however many rows it has."""

from portal_api.domain.roles import Role
from tests.api.cases import MutationCase, each_mutation, outcomes
from tests.conftest import SignIn
from tests.factories import Organisation


@each_mutation
async def test_five_hundred_rows_cost_as_many_statements_as_one(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    one = [case.changes(organisation).gid]
    many = [case.changes(organisation).gid for _ in range(500)]
    await organisation.save()
    tally = organisation.database.tally

    async def statements(ids: list[str], key: str) -> int:
        before = tally.statements
        payload = await case.payload(sign_in(case.caller), *ids, idempotencyKey=key)
        assert outcomes(payload) == ["CHANGED"] * len(ids)
        return tally.statements - before

    # One of them asks for the learncycles that are on, wherever something was changed that they may wait for.
    assert await statements(one, "one") == await statements(many, "many") <= 17


async def test_a_withdrawal_with_a_key_takes_ten_statements_at_the_most(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolments = [organisation.enrolment(organisation.learner(), organisation.series()) for _ in range(50)]
    await organisation.save()
    withdraw = """
        mutation($input: WithdrawSeriesEnrolmentsInput!) {
          withdrawSeriesEnrolments(input: $input) { counts { changed } results { outcome node { id status } } }
        }
    """
    given = {"ids": [each.gid for each in enrolments], "reason": "ENROLMENT_ERROR", "idempotencyKey": "one withdrawal"}
    before = organisation.database.tally.statements

    data = await sign_in(Role.ADMIN).query(withdraw, {"input": given})

    assert data["withdrawSeriesEnrolments"]["counts"] == {"changed": 50}
    assert organisation.database.tally.statements - before <= 10
