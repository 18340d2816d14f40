"""The floor of webhook intake: bare uvicorn and one writer with group commit. Run as: bare_receiver.py DATABASE."""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import sys
import threading
from typing import Any

import uvicorn

MOST = 512
Job = tuple[bytes, bytes, "asyncio.Future[None]"]


def write(path: str, jobs: queue.SimpleQueue[Job], loop: asyncio.AbstractEventLoop) -> None:
    """Commits what waits, all at once, and answers the callers after that."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE events (n INTEGER PRIMARY KEY, id BLOB, body BLOB)")
    while True:
        batch = [jobs.get()]
        while len(batch) < MOST and not jobs.empty():
            batch.append(jobs.get())
        database.execute("BEGIN")
        database.executemany("INSERT INTO events (id, body) VALUES (?, ?)", [job[:2] for job in batch])
        database.execute("COMMIT")
        loop.call_soon_threadsafe(lambda done=batch: [job[2].set_result(None) for job in done])


class Receiver:
    """Takes a body, keeps it, answers 202."""

    def __init__(self, path: str) -> None:
        self.jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self.path = path

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            loop = asyncio.get_running_loop()
            threading.Thread(target=write, args=(self.path, self.jobs, loop), daemon=True).start()
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        done = asyncio.get_running_loop().create_future()
        self.jobs.put((os.urandom(16), body, done))
        await done
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(Receiver(sys.argv[1]), port=int(sys.argv[2]), http="httptools", log_level="critical", access_log=False)
