"""What people read about products and made with them, lately: who, when, what."""

from datetime import datetime

import msgspec

from signals.domain.events.usage import UserActed
from signals.domain.interest import DOCS, HINT, MADE, MAKING, MARKS, PAGE, product_of_path

MAX_PRODUCTS = 16
KEEP = {DOCS: 24, PAGE: 12, HINT: 4, MADE: 12}
# Of each sort the newest, per product: rules ask for three within a week or two. About 1.5 KB where all are full.


class Mark(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One thing read or made."""

    at: datetime
    sort: str
    person_id: str
    times: int = 1


class Interest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Product -> its marks, oldest first."""

    products: dict[str, tuple[Mark, ...]] = {}


def user_acted(interest: Interest, event: UserActed) -> Interest:
    """Note what shows interest in a product or begins its use; everything else changes nothing."""
    sort = MARKS.get(event.action)
    if sort is not None:
        product = event.product or product_of_path(event.path)
    elif (product := MAKING.get(event.action)) is not None:
        sort = MADE
    if sort is None or product is None:
        return interest
    mark = Mark(event.at, sort, event.person_id, event.times)
    marks = sorted({*interest.products.get(product, ()), mark})
    same = [one for one in marks if one.sort == sort]
    if len(same) > KEEP[sort]:
        marks.remove(same[0])
    products = {**interest.products, product: tuple(marks)}
    if len(products) > MAX_PRODUCTS:
        del products[min(products, key=lambda name: (products[name][-1].at, name))]
    return Interest(products)
