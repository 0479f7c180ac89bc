"""Valuation: what goods that move have cost, whatever happens late.

The timeline of an item is its moves into our locations and out of them, in the order of their days
and, within a day, of their booking. Under the item's method every step of it has a cost: what came
in costs what was paid for it with all that was added later; what leaves costs what the method says
(first in, first out; moving average; standard); what comes back costs what left; what goes back to
its supplier costs what its own receipt did. `timeline` reckons that, without a database.

A move at the end of its timeline is valued from what is kept: quantity and value of the item
(`stock_value`) and, first in, first out, its layers (`stock_layer`). What comes late (a back-dated
move, landed cost, a difference of a bill, a landed cost that is cancelled, a receipt of goods that
had left already) makes the timeline be played again. Posted moves and entries are never rewritten:
what they cost otherwise is a correction of its own (`stock_correction`), booked forward on the day
on which it became known, between the inventory account and the account where the goods went.

So at every moment: value of a move and its corrections = its value in a replay; and, as of any
day, the moves and corrections booked until then add up to the inventory account.

- A back-dated move is booked on its own day while that is open, and otherwise today.
- What was counted stays counted: a move from before a count changes the difference that the count
  found (`count_anchor`), by a move on the evening before it.
- Where an item may leave before it came, it leaves at the last known cost; what comes next settles.
- A revaluation fixes the value of what is there on its day; whatever comes late from before it
  goes to the account that explained it.
- `stock_opening` is where the timeline of books from before valuation begins; what was booked
  earlier is at rest.
"""
