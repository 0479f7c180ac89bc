"""Processes of their own, to serve and to be killed; all of them forked from one.

That one has imported everything and knows the words, so that a life costs neither: `make test`
begins some seventy of them. What it imports is said once for the whole run: whoever says it again
elsewhere takes this list away.
"""

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "channels.web.app",
        "tests.simulators.clerk",
        "tests.simulators.correspondent",
        "tests.simulators.postman",
        "tests.simulators.server",
        "tests.simulators.walker",
    ]
)
