"""How well conversations are summarised: threads that were labelled before anything read them."""
