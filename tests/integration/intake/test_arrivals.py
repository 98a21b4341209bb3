"""Messages about patients: new ones come in, the rest waits, nothing is written over, and each is answered once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from dispatch.models import EmailDelivery, Notice
from foundation.refusals import Refused
from intake import acts, arrivals
from intake.models import Arrival, Candidate, ImportedPatient, Outcome, PatientImport, Source, Standing, State
from patients.models import Coverage, Patient
from tests.integration.intake.files import NEW, matched, taken_in
from tests.integration.intake.messages import IDA, JANE, came, decided, the_import, waiting_row


def test_who_is_new_comes_in_at_once_signed_by_the_system(cast):
    answer = came(cast, IDA)
    ida = Patient.objects.get(mrn="N-1")
    assert (answer.outcome, answer.patient, answer.again) == (Outcome.TAKEN, ida, False)
    assert (ida.family_name, ida.born_on, ida.sex, ida.phone) == ("Bell", date(1951, 3, 14), "F", "555-0111")
    first = ida.history.get()
    assert (first.actor_label, first.actor_kind, first.history_user_id) == (
        "HL7: Riverbend EHR",
        "import",
        None,
    )
    assert first.history_change_reason == "Brought in from an HL7 message from Riverbend EHR"
    link = ImportedPatient.objects.get()
    assert (link.patient, link.what, link.decided_by) == (ida, "created", None)
    assert (the_import().state, the_import().created) == (State.DONE, 1)
    assert not Candidate.objects.exists()
    assert not Notice.objects.exists()


def test_what_is_here_already_does_nothing(cast):
    before = Patient.history.count()
    answer = came(cast, {**JANE, "given_name": "JANE"})
    assert (answer.outcome, answer.patient) == (Outcome.SAME, cast.jane)
    assert Patient.history.count() == before
    assert not PatientImport.objects.exists()


@pytest.mark.parametrize(
    ("values", "standing", "why"),
    [
        ({"phone": "555-0100"}, Standing.CHANGED, "Differs from what is here: Phone"),
        ({"born_on": "19480513"}, Standing.CHANGED, "Differs from what is here: Date of birth"),
        ({"mrn": "N-9"}, Standing.DOUBLE, "Likely a patient who is here under another MRN"),
        (
            {"family_name": "Other", "given_name": "Ann"},
            Standing.OTHER_NAME,
            "This MRN is here under another name or date of birth",
        ),
        ({"born_on": "19480230"}, Standing.WRONG, "Cannot be read: PID-7 date of birth"),
        ({"sex": "Z"}, Standing.WRONG, "Cannot be read: PID-8 sex"),
        ({"sex": ""}, Standing.WRONG, "Cannot be read: PID-8 sex"),
        ({"given_name": ""}, Standing.WRONG, "Cannot be read: PID-5 given name"),
    ],
)
def test_what_differs_or_cannot_be_read_waits_and_changes_nothing(cast, values, standing, why):
    before = Patient.history.count()
    answer = came(cast, {**JANE, **values})
    assert (answer.outcome, answer.patient, answer.why) == (Outcome.WAITING, None, why)
    assert waiting_row().standing == standing
    assert Patient.history.count() == before


def test_what_is_to_be_emptied_waits_too(cast):
    cast.jane.phone = "555-0100"
    cast.jane.save()
    assert came(cast, {**JANE, "phone": ""}).outcome == Outcome.WAITING
    assert waiting_row().differs == {"phone": ["555-0100", ""]}
    assert decided(waiting_row(), "theirs", over=["phone"], by=cast.rosa)
    cast.jane.refresh_from_db()
    assert cast.jane.phone == ""
    assert cast.jane.history.latest().history_change_reason == "She told us."


@pytest.mark.parametrize("mrn", ["", "x" * 21])
def test_without_an_mrn_it_is_refused_and_nothing_is_kept(cast, mrn):
    answer = came(cast, {**JANE, "mrn": mrn})
    assert (answer.outcome, answer.why) == (Outcome.REFUSED, "PID-3 MRN: no MRN to match by")
    assert not Arrival.objects.exists()
    assert not Candidate.objects.exists()


def test_an_mrn_that_just_fits_is_taken(cast):
    assert came(cast, {**IDA, "mrn": "x" * 20}).outcome == Outcome.TAKEN


def test_the_same_message_gets_the_same_answer_and_does_nothing_more(cast):
    for values, key in ((IDA, "M-1"), (JANE, "M-2"), ({**JANE, "phone": "555-0100"}, "M-3")):
        first, second = came(cast, values, key), came(cast, values, key)
        assert (first.outcome, first.patient, first.why) == (second.outcome, second.patient, second.why)
        assert (first.again, second.again) == (False, True)
    assert (Arrival.objects.count(), PatientImport.objects.count(), Candidate.objects.count()) == (3, 2, 1)


def test_a_repeated_message_stays_answered_after_its_decision(cast):
    values = {**JANE, "phone": "555-0100"}
    came(cast, values)
    decided(waiting_row(), "ours", by=cast.rosa)
    assert came(cast, values).outcome == Outcome.WAITING
    assert not Candidate.objects.exists(), "What was decided does not come back by being sent again."


def test_an_old_id_with_other_words_is_another_message(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    assert not came(cast, {**JANE, "phone": "555-0101"}).again
    assert waiting_row().values["phone"] == "555-0101"


def test_the_database_holds_one_answer_for_a_message(cast):
    came(cast, JANE)
    row = Arrival.objects.get()
    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError, match="one_answer_per_message"), transaction.atomic():
        row.save()


def test_the_database_holds_one_waiting_message_for_a_person(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    row = waiting_row()
    row.pk, row.number = None, 2
    with pytest.raises(IntegrityError, match="one_arrival_waits_per_person"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    "bad",
    [
        {"outcome": Outcome.TAKEN},
        {"outcome": Outcome.SAME, "patient": None},
        {"outcome": Outcome.REFUSED},
        {"outcome": Outcome.WAITING},
    ],
)
def test_the_database_holds_what_an_answer_says(cast, bad):
    own = {"practice": cast.practice, "source": Source.HL7, "digest": "d", "received_at": timezone.now()}
    with pytest.raises(IntegrityError, match="an_answer_says_what_became"), transaction.atomic():
        Arrival.objects.create(**{**own, "patient": cast.jane, **bad})


@pytest.mark.parametrize(
    "bad", [{"source": Source.CSV}, {"sender": ""}, {"rows": 2}, {"source": Source.CSV, "sender": ""}]
)
def test_the_database_holds_from_whom_an_import_came(cast, bad):
    own = {"practice": cast.practice, "source": Source.HL7, "sender": "EHR", "rows": 1, "digest": "d"}
    with pytest.raises(IntegrityError, match="import_of_patients_from_whom"), transaction.atomic():
        PatientImport(**{**own, **bad}, opened_at=timezone.now()).save()


def test_a_newer_message_takes_the_place_of_the_one_that_waits(cast):
    came(cast, {**JANE, "phone": "555-0100"}, "M-1")
    old = waiting_row()
    came(cast, {**JANE, "phone": "555-0101"}, "M-2", source=Source.FHIR)
    assert waiting_row().values["phone"] == "555-0101"
    old.patient_import.refresh_from_db()
    assert (old.patient_import.state, old.patient_import.left_out) == (State.REPLACED, 1)
    assert old.patient_import.history.latest().history_change_reason == "A newer message came"
    with pytest.raises(Refused, match="This one is not"):
        decided(old, "theirs", over=["phone"], by=cast.rosa)
    came(cast, JANE, "M-3")
    assert not Candidate.objects.exists(), "It says what is here: nothing is left to decide."


def test_one_notice_as_long_as_any_waits(cast):
    came(cast, {**JANE, "phone": "555-0100"}, "M-1")
    told = {notice.recipient_id for notice in Notice.objects.filter(kind="arrivals")}
    assert told == {member.user_id for member in (cast.rosa, cast.luis, cast.lena, cast.ana)}
    came(cast, {**JANE, "phone": "555-0101"}, "M-2")
    came(cast, {"mrn": "T-0002", "family_name": "Roe", "given_name": "Max", "born_on": "19440203"}, "M-3")
    assert (Notice.objects.count(), EmailDelivery.objects.count()) == (4, 4)
    for row in Candidate.objects.select_related("patient_import"):
        decided(row, "ours", by=cast.rosa)
    assert not Notice.objects.filter(withdrawn_at=None).exists()
    came(cast, {**JANE, "phone": "555-0102"}, "M-4")
    assert Notice.objects.filter(withdrawn_at=None).count() == 4
    assert not Notice.objects.filter(text__contains="Doe").exists()


def test_a_file_and_messages_do_not_wait_for_each_other(cast):
    found = matched(cast.rosa, NEW)
    came(cast, {**JANE, "phone": "555-0100"})
    assert taken_in(found, by=cast.rosa).state == State.DONE
    assert matched(cast.rosa, "N-2,Cole,Ada,1950-01-02,F,").state == State.CHECKING
    assert (
        came(cast, {**IDA, "mrn": "N-7", "family_name": "Zorn", "born_on": "19300101"}).outcome
        == Outcome.TAKEN
    )


def test_each_decision_is_done_at_once(cast):
    came(cast, {**JANE, "phone": "555-0100"}, "M-1")
    assert decided(waiting_row(), "theirs", over=["phone"], by=cast.luis)
    cast.jane.refresh_from_db()
    link = ImportedPatient.objects.get()
    assert (cast.jane.phone, link.what, link.decided_by) == ("555-0100", "changed", cast.luis)
    assert cast.jane.history.latest().history_user_id == cast.luis.user_id
    came(cast, {**JANE, "phone": "555-0101"}, "M-2")
    assert decided(waiting_row(), "ours", by=cast.luis)
    came(cast, {**JANE, "phone": "555-0102"}, "M-3")
    assert decided(waiting_row(), "leave", by=cast.luis, reason="")
    came(cast, {**JANE, "mrn": "N-2"}, "M-4")
    assert decided(waiting_row(), "another", by=cast.luis)
    states = PatientImport.objects.order_by("opened_at").values_list(
        "state", "changed", "kept", "left_out", "created"
    )
    assert list(states) == [
        ("done", 1, 0, 0, 0),
        ("done", 0, 1, 0, 0),
        ("discarded", 0, 0, 1, 0),
        ("done", 0, 0, 0, 1),
    ]


def test_a_decision_about_something_else_by_then_waits_again(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    row = waiting_row()
    cast.jane.phone = "555-0199"
    cast.jane.save()
    assert not decided(row, "theirs", over=["phone"], by=cast.rosa)
    cast.jane.refresh_from_db()
    row = waiting_row()
    assert (cast.jane.phone, row.decision, row.differs) == (
        "555-0199",
        "",
        {"phone": ["555-0199", "555-0100"]},
    )
    assert "changed after this row was checked" in row.note
    assert decided(row, "theirs", over=["phone"], by=cast.rosa)


def test_a_stale_page_decides_nothing(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    with pytest.raises(Refused, match="matched anew"):
        decided(waiting_row(), "ours", by=cast.rosa, seen="0" * 64)


def go_on(cast, found) -> bool:
    from tests.integration.intake.messages import acting

    with acting(cast.rosa.label, actor_id=cast.rosa.user_id):
        return arrivals.take_in(found, by=cast.rosa, at=timezone.now())


def test_one_may_go_on_without_what_cannot_be_read(cast):
    came(cast, {**IDA, "payer": "Acme Health", "plan_name": "Gold", "member_id": "1"}, "M-1")
    assert waiting_row().standing == Standing.WRONG
    assert waiting_row().problems[0][1].endswith("Medicare Part B"), "It has no columns to leave out."
    assert go_on(cast, the_import())
    assert Patient.objects.get(mrn="N-1").phone == "555-0111"
    assert not Coverage.objects.filter(patient__mrn="N-1").exists()


def test_going_on_still_asks_about_what_differs(cast):
    came(cast, {**JANE, "sex": "Z", "phone": "555-0100"})
    assert not go_on(cast, the_import())
    assert (waiting_row().standing, waiting_row().problems) == (Standing.CHANGED, [])
    cast.jane.refresh_from_db()
    assert cast.jane.phone == ""


def test_without_name_or_birth_nobody_goes_on(cast):
    came(cast, {**JANE, "born_on": "x"})
    with pytest.raises(Refused, match="cannot be read"):
        go_on(cast, the_import())


def test_what_waits_too_long_is_deleted_to_the_day(cast):
    now = timezone.now()
    came(cast, {**JANE, "phone": "555-0100"}, at=now)
    assert acts.expire(at=now + acts.ARRIVAL_KEPT - timedelta(seconds=1)) == 0
    assert acts.expire(at=now + acts.ARRIVAL_KEPT) == 1
    assert (the_import().state, the_import().left_out) == (State.EXPIRED, 1)
    assert not Candidate.objects.exists()
    assert not Notice.objects.filter(withdrawn_at=None).exists()


def test_what_expired_waits_again_when_it_comes_again(cast):
    now = timezone.now()
    message = {**JANE, "phone": "555-0100"}
    assert not came(cast, message, at=now).again
    acts.expire(at=now + acts.ARRIVAL_KEPT)
    anew = came(cast, message, at=now + acts.ARRIVAL_KEPT)
    assert (anew.outcome, anew.again) == (Outcome.WAITING, False)
    assert Candidate.objects.get().about == "T-0001"
    assert came(cast, message, at=now + acts.ARRIVAL_KEPT).again


def test_another_practice_has_its_own(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    from tests.integration.intake.messages import listener, message

    with listener():
        answer = arrivals.receive(cast.elsewhere, message({**JANE, "phone": "555-0100"}), at=timezone.now())
    assert (answer.outcome, answer.again) == (Outcome.WAITING, False), "T-0001 is Nora there."
