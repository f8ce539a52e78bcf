"""Links to files."""

from datetime import datetime

import strawberry


@strawberry.type(
    description="A link to a file. Whoever has it needs no token, for a few minutes; ask again for another one."
)
class Download:
    url: str = strawberry.field(description="The path of the file, to be fetched with GET from this server.")
    expires_at: datetime = strawberry.field(description="When the link ends.")
