"""Processes of their own, to serve and to be killed; all of them forked from one.

That one has imported everything, so that a life costs no imports. A process of a test run has one
such server: whoever named other modules to it elsewhere would take these away.
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
