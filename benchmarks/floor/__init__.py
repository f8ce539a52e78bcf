"""The floor: what is left when nothing stands between HTTP and the database. A bare ASGI application, and SQL by hand.

It answers the measured documents and no others, each at a path of its own, and checks who asks as cheaply as can be: a
token is verified at its first use and known from then on. In all it answers byte for byte what the portal answers.
"""
