"""The rules in force: the packs that come with the package, then those of the user's folders."""

from collections import Counter
from importlib.resources import files

from signals.detectors.contract import Rule
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import Source, load_packs
from signals.domain.canary import CANARY_RULE
from signals.domain.errors import ConfigError
from signals.domain.reasons import FamilyName
from signals.engine.catalogue import Catalogue
from signals.settings.load import Configuration
from signals.telemetry.metrics import Metrics
from signals.telemetry.specs import RULE_STAGES
from signals.wiring.canary import with_route


def catalogue_of(configuration: Configuration) -> Catalogue:
    """Return the compiled rules.

    Raises
    ------
    ConfigError
        A folder of the settings is not there.
    PackError
        A pack is wrong; with file and line.
    """
    canary = configuration.settings.canary
    return Catalogue([with_route(rule, canary) for rule in rules_of(configuration)], VOCABULARY)


def rules_of(configuration: Configuration) -> tuple[Rule, ...]:
    """Return all rules, those that are off too; raises as ``catalogue_of``."""
    return load_packs(pack_sources(configuration), names=VOCABULARY)


def count_rules(catalogue: Catalogue, metrics: Metrics) -> None:
    """Show how many rules are in force, by family; also where there are none, so that a pack that went is seen."""
    counts = Counter((rule.family.value, rule.stage.value) for rule in catalogue.rules if rule.id != CANARY_RULE)
    for family in FamilyName:
        for stage in RULE_STAGES:
            metrics.set("signals_rules", counts[family.value, stage], family=family.value, stage=stage)


def pack_sources(configuration: Configuration) -> list[Source]:
    """Return where packs are read from, ours first."""
    sources: list[Source] = [files("signals.detectors.rules") / "packs"]
    if configuration.settings.canary.every is not None:
        sources.append(files("signals.detectors.rules") / "canary")
    for name in configuration.settings.rules.folders:
        folder = configuration.folder / name
        if not folder.is_dir():
            raise ConfigError(f"{configuration.file} rules.folders", f"{folder} is no folder")
        sources.append(folder)
    return sources
