"""The review queue, one row of it, and its export."""

from typing import Any
from urllib.parse import urlsplit

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from audit.access import record_access
from audit.models import Action
from authentication.recent import recently_signed_in
from billing.claims import queue as selectors
from billing.claims.duties import note_release
from billing.exports.batch import Approved, approved_lines, export_lines
from billing.exports.counting import to_export
from billing.exports.csv import claim_lines_csv, claim_lines_name
from billing.models import Claim, ClaimState
from billing.policies import why_not_release
from foundation.refusals import Refused, refuse_if
from patients.chart_access import open_chart, show_list
from patients.sites import SiteBook
from timelogs.models import PeriodState

PAGE = 25


@require_safe
@requires(Permission.MONTH_VIEW)
def queue(request, month):
    practice = request.practice
    sites = SiteBook(practice)
    site = sites.named(request.GET.get("site", ""))
    splits = selectors.splits(practice, month, site)
    chosen = _chosen(request.GET, splits, site)
    page = Paginator(selectors.queue(practice, month, **chosen), PAGE).get_page(request.GET.get("page"))
    rows = selectors.queue_rows(practice, page.object_list)
    show_list(request, [row.claim.patient for row in rows])
    period = selectors.period_of(practice, month)
    context = {
        "period": period,
        **_counts(request, month, splits, chosen, closed=period.state == PeriodState.CLOSED),
        "reasons": selectors.hold_reasons(practice, month),
        "codes": selectors.codes_in(practice, month),
        "sites": sites.sites if sites.several else [],
        "page": page,
        "rows": rows,
        "others": [
            split
            for split in splits
            if split.count and split.state != chosen["state"] and split.state != ClaimState.NOTHING
        ],
        "may_review": may(request.membership, Permission.CLAIM_REVIEW) and period.state == PeriodState.CLOSED,
    }
    return render(request, "billing/queue.html", context)


def _counts(request, month, splits, chosen: dict, *, closed: bool) -> dict:
    """What stands above the rows and changes with each that is approved: the tabs' counts and the export's."""
    may_export = may(request.membership, Permission.CLAIM_EXPORT) and closed
    return {
        "month": month,
        "splits": splits,
        "chosen": chosen,
        "filtered": bool(chosen["hold"] or chosen["code"]),
        "site": chosen["site"],
        "may_export": may_export,
        **(to_export(request.practice, month, chosen["site"]) if may_export else {}),
    }


def _chosen(given, splits, site) -> dict[str, Any]:
    """The tab and the filters that an address asks for."""
    hold, code = given.get("hold", "")[:40].replace("\0", ""), given.get("code", "")[:5].replace("\0", "")
    return {"state": _state(given, splits), "hold": hold, "code": code, "site": site}


def _state(given, splits) -> str:
    """The split asked for; with a filter alone all of them, else what is ready."""
    asked = given.get("state")
    if asked in {split.state for split in splits} or asked == "":
        return asked
    return "" if given.get("hold") or given.get("code") else ClaimState.READY


@require_safe
@requires(Permission.MONTH_VIEW)
def claim_row(request, claim_id):
    """One row, as it is now: what approving from the queue puts in place of the old one, with the counts above it."""
    found = get_object_or_404(selectors.with_parts(Claim.objects.for_practice(request.practice)), pk=claim_id)
    open_chart(request, found.patient_id, action=Action.LIST)
    month, closed = found.period.month, found.period.state == PeriodState.CLOSED
    # The tab that the page stands on; a script sends its address.
    given = QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    site = SiteBook(request.practice).named(given.get("site", ""))
    splits = selectors.splits(request.practice, month, site)
    chosen = _chosen(given, splits, site)
    counts = _counts(request, month, splits, chosen, closed=closed)
    return render(request, "billing/_row_and_counts.html", {**counts, **row_context(request, found)})


def row_context(request, claim: Claim, *, refusal: Refused | None = None) -> dict:
    (row,) = selectors.queue_rows(request.practice, [claim])
    may_review = may(request.membership, Permission.CLAIM_REVIEW) and claim.period.state == PeriodState.CLOSED
    return {"row": row, "may_review": may_review, "refusal": refusal}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CLAIM_EXPORT)
@recently_signed_in
def export_csv(request, month):
    """The released lines of every approved claim of the month, or of one site. Who took it away is written down."""
    practice = request.practice
    refuse_if(_why_not_export(practice, month))
    site = SiteBook(practice).named(request.GET.get("site", ""))
    approved = approved_lines(practice, month, site)
    rows = export_lines(practice, month, approved)
    refuse_if(None if rows else _why_nothing(approved))
    claims = Claim.objects.for_practice(practice).filter(pk__in=approved.lines.order_by().values("claim"))
    claims = claims.select_related("period", "practice")
    refuse_if(why_not_release(practice, month, claims, by=request.membership))
    note_release(claims, by=request.membership, at=timezone.now())
    people = {claim.patient_id for claim in claims}
    record_access(request, sorted(people), action=Action.EXPORT)
    response = HttpResponse(claim_lines_csv(rows), content_type="text/csv; charset=utf-8")
    name = claim_lines_name(month, made_on=practice.today())
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _why_not_export(practice, month) -> str | None:
    state = selectors.period_of(practice, month).state
    return (
        None
        if state == PeriodState.CLOSED
        else f"{month:%B %Y} is not closed. Claims are exported once it is."
    )


def _why_nothing(approved: Approved) -> str:
    if approved.left_out:
        return (
            "The record changed after every approved claim was decided. Re-open the month and close it again."
        )
    return "Nothing approved yet. Approve claims in the review queue first."
