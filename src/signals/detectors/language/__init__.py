"""The rule language: expressions over named facts, three-valued, that know what they read, when to look again and why.

Everything is checked when a pack is loaded and compiled once; evaluating never raises for a fact that is unknown, and
never reads a clock. What may be written:

========================================  ===========================================================================
``mrr >= floor``, ``0 < x <= few``        comparisons, chained too; numbers with numbers, money with money, and so on
``and`` ``or`` ``not`` ``a if c else b``  strong three-valued logic: unknown stays unknown unless the rest decides
``+ - * /``                               exact: int, Decimal, durations; a division by zero is unknown
``age(x)`` ``until(x)``                   now - x, x - now; of a day: whole calendar days of the business zone
``x == null`` ``exists(x)`` ``known(x)``  known to be absent; not absent; exactly known
``default(x, v)``                         v when x is unknown or absent; of a sum with gaps: the part that is known
``min`` ``max`` ``abs`` ``len``           unknown if any part is
``any(c for p in people if d)``           likewise all, count, sum, min, max; unknown elements leave the answer open
``x in {"a", "b"}``, ``x in set``         texts
``signal("id")``, ``open_signals("B")``   whether another rule's condition holds, how many of a level hold
``opened.x`` ``event.x``                  frozen at opening; a field of the event
facts, parameters, lets, the ``as`` name  by name; a bare number other than 0 and 1 is refused
========================================  ===========================================================================

Ages may be compared, added to durations, chosen among and negated, since a wake-up follows; anything else with them is
refused. ``names.py`` says what facts and functions are, ``expression.py`` what a compiled expression offers.
"""
