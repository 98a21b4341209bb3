"""The practice's payers, read for lists, choices and words. Every page reads them all at once: they are few."""

from collections.abc import Iterable, Mapping

from payers.models import Payer


def payers_of(practice) -> list[Payer]:
    """Every payer by name, those that were retired last."""
    return list(Payer.objects.for_practice(practice).order_by("retired", "name"))


def payer_of(practice, slug: str) -> Payer | None:
    return Payer.objects.for_practice(practice).filter(slug=slug).first()


def payer_names(practice) -> dict[str, str]:
    """{slug: name}, retired ones too: what a claim or a coverage names stays readable."""
    return {payer.slug: payer.name for payer in payers_of(practice)}


def payer_name(practice, slug: str) -> str:
    payer = payer_of(practice, slug)
    return payer.name if payer else slug


def choices(payers: Iterable[Payer], *, keep: str = "") -> list[tuple[str, str]]:
    """The payers that a new coverage may name, and `keep`, by which a coverage stands already."""
    return [(payer.slug, payer.name) for payer in payers if not payer.retired or payer.slug == keep]


def matching(payers: Iterable[Payer], text: str) -> list[Payer]:
    """Whom a word of a file may mean, of those not retired: by name or slug, else by payer id."""
    wanted = text.strip().casefold()
    open_ = [payer for payer in payers if not payer.retired]
    named = [p for p in open_ if wanted in {p.name.casefold(), p.slug, p.slug.replace("-", " ")}]
    return named or [p for p in open_ if p.payer_id and wanted == p.payer_id.casefold()]


def in_order(slugs: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Slugs as their payers are listed; what is no payer here comes last."""
    places = {slug: place for place, slug in enumerate(names)}
    return sorted(slugs, key=lambda slug: (places.get(slug, len(places)), slug))
