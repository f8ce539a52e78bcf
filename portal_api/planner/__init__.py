"""The engine room: a GraphQL selection becomes SQL, and its rows become the answer. Knows no noun."""
