"""``signals terms``: the handbook's arithmetic, for numbers a person has in hand and no event carries."""

import click

from signals.commands.terms_credit import buyout, discount, expansion, match, self_serve, start
from signals.commands.terms_refund import refund
from signals.commands.terms_sales import mrr, outbound, quota, size


@click.group()
def terms() -> None:
    """Reckon a refund, a discount or a credit with numbers in hand.

    Each command prints the answer and the steps to it, with the section of the catalogue.
    """


for command in (buyout, discount, expansion, match, mrr, outbound, quota, refund, self_serve, size, start):
    terms.add_command(command)
