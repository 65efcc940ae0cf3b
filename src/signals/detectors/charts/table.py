"""All charts rules may name."""

from collections.abc import Mapping

from signals.detectors.charts.activity import ACTIVITY
from signals.detectors.charts.credit import CREDIT_BALANCE
from signals.detectors.charts.daily import PRODUCT_USAGE, USAGE
from signals.detectors.charts.limit import SPEND_LIMIT
from signals.detectors.charts.source import ChartSource

CHARTS: Mapping[str, ChartSource] = {
    one.name: one for one in (USAGE, PRODUCT_USAGE, ACTIVITY, CREDIT_BALANCE, SPEND_LIMIT)
}
