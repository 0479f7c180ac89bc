"""When Python looks for garbage that goes in circles."""

import gc

# Almost everything we make is freed by its count. A full search goes through all that is imported
# and remembered, a million objects: most of a second in which nobody is answered.
NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES = 50_000, 20, 50


def search_rarely() -> None:
    """Search for such garbage seldom; what is there by now is not looked at again."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES)
