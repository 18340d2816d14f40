"""The only place with sockets: HTTP client, driver of the pipeline, loopback servers, clock.

Imports nothing by itself: the client and the server cost a quarter of a second, so each module is imported by whoever
needs it (``net.transport``, ``net.driver``, ``net.listener``).
"""
