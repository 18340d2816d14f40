"""Opens a page in the user's own browser.

Standard library only. What it must not do: open anything that is not a web page (a ``file:`` URL from a hostile
description), or take the terminal for a browser in text mode.
"""

from __future__ import annotations

import threading
import webbrowser
from urllib.parse import urlsplit

PATIENCE = 3.0
"""Seconds after which a browser that was started and has not ended is taken to be open."""


def open_browser(url: str) -> bool:
    """Opens a web page; whether a browser took it. False also for a URL that is not http or https.

    Blocks for some seconds at most. Which browser: the ``BROWSER`` variable, else the system's.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser).__name__ in TEXT_MODE or getattr(browser, "basename", "") in TEXT_BROWSERS:
        return False
    opened: list[bool] = []
    # A daemon, since some commands end only when the browser is closed, which must not keep this process.
    thread = threading.Thread(target=lambda: opened.append(browser.open(url)), name="tieline-browser", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return opened[0] if opened else thread.is_alive()


TEXT_MODE = frozenset({"Elinks"})
TEXT_BROWSERS = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})
"""Browsers that would draw over the terminal; the standard library offers them where there is no desktop."""
