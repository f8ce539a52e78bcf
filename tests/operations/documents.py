"""The documents of the frontends, and who sends them."""

from pathlib import Path

from graphql import OperationDefinitionNode, parse

from portal_api.domain.roles import Role

FOLDER = Path(__file__).parents[2] / "operations"
SENDERS: dict[str, tuple[Role, ...]] = {
    "learner_app": (Role.LEARNER,),
    "manager_dashboard": (Role.MANAGER,),
    "admin_console": (Role.ADMIN, Role.OWNER),
    "trainer_page": (Role.TRAINER,),
    "integration": (Role.INTEGRATION,),
}


def text_of(name: str) -> str:
    """A document as its frontend has it, by frontend and name."""
    return (FOLDER / f"{name}.graphql").read_text()


def operation_of(name: str) -> OperationDefinitionNode:
    """The only operation of a document."""
    [operation] = parse(text_of(name)).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation
