"""Services elsewhere, surgical periods and stays: each act, what is calculated again after it, what it refuses."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import StaffKind
from dispatch.models import OutboxMessage
from foundation.refusals import Refused
from patients import circumstances
from patients.models import InstitutionStay, OtherService, SurgicalGlobal
from tests import factories

FAR = "9999-12-31"
WHY = "The cuff follows his hypertension; the operation was on the knee."


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def ana(client, cast):
    client.force_login(cast.ana.user)
    return client


@pytest.fixture
def today(cast):
    return cast.practice.today()


@pytest.fixture
def there(cast, today):
    """One of each, since ten days ago."""
    return factories.going_on(cast.jane, today - timedelta(days=10))


def send(client, name, patient, *ids, **form):
    form = {"operation_id": str(uuid4()), **{k: str(v) for k, v in form.items()}}
    return client.post(reverse(f"patients:{name}", args=[patient.pk, *ids]), form)


def service(today, **changes):
    return {"code": "98976", "service_on": today, "billed_by": "elsewhere", "note": ""} | changes


def surgery(today, **changes):
    return {
        "procedure_code": "27447",
        "starts_on": today,
        "ends_on": today + timedelta(days=91),
        "ours": "yes",
    } | changes


def stay(today, **changes):
    return {"stay_kind": "hospital", "admitted_on": today, "discharged_on": ""} | changes


def asked_anew():
    return list(OutboxMessage.objects.values_list("topic", "body"))


def asks(cast):
    return ("patients.permission_changed", {"patient": str(cast.jane.pk)})


def sign(cast):
    return {"by": cast.rosa, "at": timezone.now()}


def says(answer, *sentences):
    """Refused in these words, each at its field or above the form, and everything typed is still there."""
    assert answer.status_code == 422
    page = answer.content.decode()
    assert [s for s in sentences if s not in page] == []


# Other services


@pytest.mark.parametrize("who", ["rosa", "cora"])
def test_a_service_elsewhere_is_recorded_and_withdrawn_with_a_reason(client, cast, today, who):
    client.force_login(cast.user(who))
    given = service(today, code=" g0556 ", note="Told by the daughter")
    assert send(client, "other_service_new", cast.jane, **given).status_code == 303
    row = cast.jane.other_services.get()
    assert (row.code, row.service_on, row.billed_by, row.note) == (
        "G0556",
        today,
        "elsewhere",
        "Told by the daughter",
    )
    answer = send(client, "other_service_withdraw", cast.jane, row.pk, reason="Another patient's")
    assert answer.status_code == 303
    row.refresh_from_db()
    assert row.withdrawn
    assert [line.history_change_reason for line in row.history.all()] == ["Another patient's", ""]
    assert asked_anew() == [asks(cast)] * 2


def test_withdrawing_a_second_time_changes_nothing(rosa, cast, there):
    for reason in ("Wrong", "Wrong again"):
        answer = send(rosa, "other_service_withdraw", cast.jane, there["service"].pk, reason=reason)
        assert answer.status_code == 303
    assert there["service"].history.first().history_change_reason == "Wrong"
    assert len(asked_anew()) == 1


def test_a_service_stands_once_until_it_is_withdrawn(rosa, cast, today):
    assert send(rosa, "other_service_new", cast.jane, **service(today)).status_code == 303
    says(
        send(rosa, "other_service_new", cast.jane, **service(today)), "98976 of that day is already recorded"
    )
    assert send(rosa, "other_service_new", cast.jane, **service(today, billed_by="us")).status_code == 303
    first = cast.jane.other_services.get(billed_by="elsewhere")
    send(rosa, "other_service_withdraw", cast.jane, first.pk, reason="Wrong day")
    assert send(rosa, "other_service_new", cast.jane, **service(today)).status_code == 303
    assert cast.jane.other_services.count() == 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "Enter the code of the service"),
        ({"code": "9897"}, "Code must be 5 characters without modifier, like 98976 or G0556"),
        ({"code": "98976-59"}, "Code must be 5 characters without modifier, like 98976 or G0556"),
        ({"code": "98 76"}, "Code must be 5 characters without modifier, like 98976 or G0556"),
        ({"code": "９8976"}, "Code must be 5 characters without modifier, like 98976 or G0556"),
        ({"service_on": ""}, "Enter the date of the service"),
        ({"service_on": "2026-02-30"}, "Date of service must be a real date, like 20 Jan 2026"),
        ({"service_on": FAR}, "Date of service must be today or in the past"),
        ({"service_on": "1948-05-11"}, "Date of service must be after the date of birth, 12 May 1948"),
        ({"billed_by": ""}, "Select who billed the service"),
    ],
)
def test_a_service_that_cannot_be_is_refused_in_words(rosa, cast, today, changes, sentence):
    answer = send(rosa, "other_service_new", cast.jane, **service(today, note="Heard it", **changes))
    says(answer, sentence, "Heard it", *filter(None, changes.values()))
    assert not asked_anew()


def test_a_form_sent_twice_records_once(rosa, cast, today):
    given = service(today, operation_id=uuid4())
    answers = [send(rosa, "other_service_new", cast.jane, **given) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert OtherService.objects.count() == len(asked_anew()) == 1


# Surgical periods


def test_a_surgical_period_is_recorded_and_withdrawn(rosa, cast, today):
    assert send(rosa, "surgery_new", cast.jane, **surgery(today)).status_code == 303
    says(send(rosa, "surgery_new", cast.jane, **surgery(today)), "27447 from that day is already recorded")
    row = cast.jane.surgical_globals.get()
    assert (row.ours, row.ends_on, row.attested_by) == (True, today + timedelta(days=91), None)
    assert send(rosa, "surgery_withdraw", cast.jane, row.pk, reason="Was cancelled").status_code == 303
    assert send(rosa, "surgery_new", cast.jane, **surgery(today, ours="no")).status_code == 303
    assert list(cast.jane.surgical_globals.order_by("withdrawn").values_list("ours", "withdrawn")) == [
        (False, False),
        (True, True),
    ]
    assert asked_anew() == [asks(cast)] * 3


def test_a_period_of_one_day_is_one(rosa, cast, today):
    assert send(rosa, "surgery_new", cast.jane, **surgery(today, ends_on=today)).status_code == 303


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"procedure_code": "knee"}, "Code of the operation must be 5 characters without modifier"),
        ({"starts_on": FAR}, "First day must be today or in the past"),
        ({"starts_on": "0001-01-01"}, "First day must be after the date of birth"),
        ({"ends_on": "2025-01-01"}, "Last day must be on or after the first day"),
        ({"ends_on": FAR}, "Last day must be within a year of the first day"),
        ({"ends_on": ""}, "Enter the last day that the payment covers"),
        ({"ours": ""}, "Select who is paid for the operation"),
    ],
)
def test_a_surgical_period_that_cannot_be_is_refused_in_words(rosa, cast, today, changes, sentence):
    says(send(rosa, "surgery_new", cast.jane, **surgery(today, **changes)), sentence)


def test_a_physician_attests_once_with_name_day_and_reason(ana, cast, today, there):
    period = there["surgery"]
    says(
        send(ana, "surgery_attest", cast.jane, period.pk, attestation="  "),
        "Write why the monitoring has nothing to do with the operation",
    )
    assert send(ana, "surgery_attest", cast.jane, period.pk, attestation=WHY).status_code == 303
    period.refresh_from_db()
    assert (period.attested_by, period.attested_on, period.attestation) == (cast.ana, today, WHY)
    assert period.history.first().history_change_reason == WHY
    again = send(ana, "surgery_attest", cast.jane, period.pk, attestation="Once more")
    says(again, "Ana Rivera, MD already attested on")
    assert asked_anew() == [asks(cast)]


def test_an_attestation_sent_twice_is_one(ana, cast, there):
    form = {"attestation": WHY, "operation_id": uuid4()}
    for _ in range(2):
        assert send(ana, "surgery_attest", cast.jane, there["surgery"].pk, **form).status_code == 303
    assert there["surgery"].history.count() == 2


def test_a_nurse_cannot_attest(rosa, cast, there):
    assert send(rosa, "surgery_attest", cast.jane, there["surgery"].pk, attestation=WHY).status_code == 403


def test_who_is_no_qhp_cannot_attest_whatever_the_role(ana, cast, there):
    cast.ana.staff_kind = StaffKind.CLINICAL_STAFF
    cast.ana.save()
    answer = send(ana, "surgery_attest", cast.jane, there["surgery"].pk, attestation=WHY)
    says(answer, "Only a physician or other qualified professional can attest", WHY[:20])


def test_nothing_is_attested_for_a_period_that_is_withdrawn_or_paid_to_another(ana, cast, today, there):
    send(ana, "surgery_withdraw", cast.jane, there["surgery"].pk, reason="Was cancelled")
    answer = send(ana, "surgery_attest", cast.jane, there["surgery"].pk, attestation=WHY)
    says(answer, "This surgical period was withdrawn")
    send(ana, "surgery_new", cast.jane, **surgery(today, ours="no"))
    theirs = cast.jane.surgical_globals.get(ours=False)
    answer = send(ana, "surgery_attest", cast.jane, theirs.pk, attestation=WHY)
    says(answer, "Another practitioner is paid for this operation")


# Stays


def test_a_stay_begins_ends_and_is_withdrawn(rosa, cast, today):
    begun = today - timedelta(days=3)
    assert send(rosa, "stay_new", cast.jane, **stay(begun)).status_code == 303
    row = cast.jane.institution_stays.get()
    assert (row.kind, row.admitted_on, row.discharged_on) == ("hospital", begun, None)
    assert send(rosa, "stay_discharge", cast.jane, row.pk, discharged_on=today).status_code == 303
    says(
        send(rosa, "stay_discharge", cast.jane, row.pk, discharged_on=today), "Discharge is already recorded"
    )
    assert send(rosa, "stay_withdraw", cast.jane, row.pk, reason="Another patient").status_code == 303
    row.refresh_from_db()
    assert (row.discharged_on, row.withdrawn, row.version) == (today, True, 3)
    assert asked_anew() == [asks(cast)] * 3


def test_the_next_stay_may_begin_on_the_day_of_discharge(rosa, cast, today):
    begun, moved = today - timedelta(days=9), today - timedelta(days=5)
    assert send(rosa, "stay_new", cast.jane, **stay(begun, discharged_on=moved)).status_code == 303
    assert send(rosa, "stay_new", cast.jane, **stay(moved, stay_kind="snf")).status_code == 303


def test_stays_do_not_overlap_unless_withdrawn(rosa, cast, today, there):
    inside = stay(today - timedelta(days=2), stay_kind="snf")
    says(
        send(rosa, "stay_new", cast.jane, **inside),
        "Another stay is recorded for these days. Record its discharge, or withdraw it, first",
    )
    send(rosa, "stay_withdraw", cast.jane, there["stay"].pk, reason="Another patient")
    assert send(rosa, "stay_new", cast.jane, **inside).status_code == 303
    assert send(rosa, "stay_new", cast.max, **inside).status_code == 303


def test_a_stay_has_a_night(rosa, cast, today, there):
    row = there["stay"]
    answer = send(rosa, "stay_discharge", cast.jane, row.pk, discharged_on=row.admitted_on)
    says(answer, "Discharge must be after admission", "A stay without a night is not recorded")
    for discharged_on, sentence in (
        (FAR, "Discharge must be today or in the past"),
        ("", "Enter the day of"),
    ):
        says(send(rosa, "stay_discharge", cast.jane, row.pk, discharged_on=discharged_on), sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stay_kind": ""}, "Select where the patient stayed"),
        ({"admitted_on": FAR}, "Admission must be today or in the past"),
        ({"admitted_on": "0001-01-01"}, "Admission must be after the date of birth"),
        ({"discharged_on": "2025-01-01"}, "Discharge must be after admission"),
        ({"discharged_on": FAR}, "Discharge must be today or in the past"),
    ],
)
def test_a_stay_that_cannot_be_is_refused_in_words(rosa, cast, today, changes, sentence):
    says(send(rosa, "stay_new", cast.jane, **stay(today, **changes)), sentence)


def test_a_withdrawn_stay_cannot_be_ended(rosa, cast, today, there):
    send(rosa, "stay_withdraw", cast.jane, there["stay"].pk, reason="Another patient")
    answer = send(rosa, "stay_discharge", cast.jane, there["stay"].pk, discharged_on=today)
    says(answer, "This stay was withdrawn")


def test_a_biller_records_no_stay(client, cast, today):
    client.force_login(cast.cora.user)
    assert send(client, "stay_new", cast.jane, **stay(today)).status_code == 403


# Around the forms


def test_a_refusal_leaves_nothing_behind(cast, today):
    circumstances.record_stay(cast.jane, kind="snf", admitted_on=today, **sign(cast))
    with pytest.raises(Refused, match="Another stay"):
        circumstances.record_stay(cast.jane, kind="hospital", admitted_on=today, **sign(cast))
    assert InstitutionStay.objects.count() == InstitutionStay.history.count() == len(asked_anew()) == 1


def own(cast):
    return {"practice": cast.practice, "patient": cast.jane}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda c: OtherService(code="9897", service_on=date(2026, 1, 5), billed_by="us", **own(c)),
        lambda c: OtherService(code="g0556", service_on=date(2026, 1, 5), billed_by="us", **own(c)),
        lambda c: SurgicalGlobal(
            procedure_code="27447",
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 1, 4),
            ours=True,
            **own(c),
        ),
        lambda c: SurgicalGlobal(
            procedure_code="2744", starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 6), ours=True, **own(c)
        ),
        lambda c: SurgicalGlobal(
            procedure_code="27447",
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 1, 6),
            ours=True,
            attested_by=c.ana,
            attested_on=date(2026, 1, 6),
            **own(c),
        ),
        lambda c: SurgicalGlobal(
            procedure_code="27447",
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 1, 6),
            ours=True,
            attestation=WHY,
            **own(c),
        ),
        lambda c: InstitutionStay(
            kind="snf", admitted_on=date(2026, 1, 5), discharged_on=date(2026, 1, 5), **own(c)
        ),
    ],
)
def test_the_database_refuses_what_the_forms_would(cast, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(cast).save()


def test_nobody_of_another_practice_stands_under_an_attestation(cast, there):
    period = there["surgery"]
    period.attested_by, period.attested_on, period.attestation = cast.dan, period.starts_on, WHY
    period.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        transaction.get_connection().check_constraints()
    period.attested_by = cast.ana
    period.save()


# Where it is read


def test_the_enrollment_page_is_quiet_without_any_and_keeps_what_was_withdrawn(rosa, cast, today):
    page = reverse("patients:enrollment", args=[cast.jane.pk])
    assert "No other service, operation or stay recorded." in rosa.get(page).content.decode()
    rows = factories.going_on(cast.jane, today)
    for row in rows.values():
        circumstances.withdraw(row, reason="By mistake", **sign(cast))
    text = rosa.get(page).content.decode()
    assert text.count("</s> withdrawn") == 3
    assert "withdraw/" not in text


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("rosa", {"other_service_new", "surgery_new", "stay_new", "stay_discharge", "stay_withdraw"}),
        ("ana", {"other_service_new", "surgery_new", "stay_new", "stay_discharge", "surgery_attest"}),
        ("cora", {"other_service_new", "surgery_new", "surgery_withdraw", "other_service_withdraw"}),
        ("omar", set()),
    ],
)
def test_the_page_offers_what_the_role_may_do(client, cast, there, who, offered):
    client.force_login(cast.user(who))
    text = client.get(reverse("patients:enrollment", args=[cast.jane.pk])).content.decode()
    ids = {"other_service": "service", "surgery": "surgery", "stay": "stay"}
    acts = [f"{noun}_new" for noun in ids] + [f"{noun}_withdraw" for noun in ids]
    for act in [*acts, "surgery_attest", "stay_discharge"]:
        noun, _, verb = act.rpartition("_")
        row = [] if verb == "new" else [there[ids[noun]].pk]
        link = reverse(f"patients:{act}", args=[cast.jane.pk, *row])
        if act in offered:
            assert link in text
        elif not offered or (act, who) in {("surgery_attest", "rosa"), ("stay_new", "cora")}:
            assert link not in text


def test_their_histories_are_told_in_words(client, cast, there):
    circumstances.attest(there["surgery"], attestation=WHY, by=cast.ana, at=timezone.now())
    for row in there.values():
        circumstances.withdraw(row, reason="By mistake", **sign(cast))
    client.force_login(cast.rosa.user)
    told = {
        "service": ("Other service 99490 of", "Withdrawn"),
        "surgery": ("Surgical period 27447 from", WHY, "Ana Rivera"),
        "stay": ("Stay Hospital from", "Withdrawn"),
    }
    for name, words in told.items():
        model = type(there[name])._meta.model_name
        page = client.get(reverse("audit:record", args=[model, there[name].pk])).content.decode()
        assert [w for w in (*words, "By mistake") if w not in page] == []
