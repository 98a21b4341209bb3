"""A file of patients from its first row to its last: matched, decided, taken in once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from dispatch.models import Notice, OutboxMessage
from dispatch.outbox import deliver
from foundation.refusals import Refused
from intake import acts, matching, taking
from intake.models import Candidate, ImportedPatient, ImportFile, KnownColumns, PatientImport, Standing, State
from intake.selectors import counts, stalled
from patients import services
from patients.enrolling import Who, register
from patients.models import Coverage, Enrollment, Patient
from patients.services import PayerGiven
from tests.integration.intake.files import (
    CHOSEN,
    HEADER,
    JANE,
    NEW,
    csv,
    decided,
    matched,
    opened,
    row,
    taken_in,
    work,
)


def test_who_is_new_comes_in_and_is_not_enrolled(cast):
    found = taken_in(matched(cast.rosa, NEW), by=cast.rosa)
    ida = Patient.objects.get(mrn="N-1")
    assert (ida.family_name, ida.given_name, ida.born_on, ida.sex, ida.phone) == (
        "Bell",
        "Ida",
        date(1951, 3, 14),
        "F",
        "555-0111",
    )
    assert (found.state, found.created, found.rows) == (State.DONE, 1, 1)
    assert not Enrollment.objects.filter(patient=ida).exists()
    link = ImportedPatient.objects.get(patient=ida)
    assert (link.patient_import_id, link.row, link.what) == (found.pk, 2, "created")
    assert link.decided_by is None
    first = ida.history.get()
    assert (first.actor_label, first.actor_kind, first.history_user_id) == (
        cast.rosa.label,
        "import",
        cast.rosa.user_id,
    )
    assert first.history_change_reason == "Brought in from a CSV file"
    assert Notice.objects.get(kind="intake").text == "Patients from a file: 1 new."


def test_a_payer_comes_with_its_coverage(cast):
    line = f"{NEW},Medicare Part B,1EG4-TE5-MK73,2025-02-01"
    columns = [*CHOSEN, "payer", "member_id", "coverage_on"]
    taken_in(matched(cast.rosa, line, header=f"{HEADER},Payer,MBI,Since", chosen=columns), by=cast.rosa)
    coverage = Coverage.objects.get(patient__mrn="N-1")
    assert (coverage.payer, coverage.member_id, coverage.starts_on) == (
        "medicare",
        "1EG4TE5MK73",
        date(2025, 2, 1),
    )


def test_an_identical_row_does_nothing(cast):
    before = Patient.history.count()
    found = matched(cast.rosa, "T-0001,DOE,jane,5/12/1948,Female,")
    assert row(found).standing == Standing.SAME
    found = taken_in(found, by=cast.rosa)
    assert (found.state, found.same, Patient.history.count()) == (State.DONE, 1, before)
    assert not ImportedPatient.objects.exists()


def test_what_is_not_said_or_called_unknown_is_no_difference(cast):
    cast.jane.phone = "(555) 010-0100"
    cast.jane.save()
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,U,555 010 0100", "T-0002,Roe,Max,1944-02-01,,")
    assert [row(found, number).standing for number in (2, 3)] == [Standing.SAME] * 2


def test_a_second_upload_of_the_same_file_gives_no_doubles(cast):
    for _ in range(2):
        found = taken_in(matched(cast.rosa, NEW, "N-2,Cole,Ada,1950-01-02,F,"), by=cast.rosa)
    assert (found.same, found.created) == (2, 0)
    assert Patient.objects.filter(mrn__in=["N-1", "N-2"]).count() == 2


def test_nothing_is_overwritten_without_a_decision(cast):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100", NEW)
    assert row(found).differs == {"phone": ["", "555 0100"]}
    with pytest.raises(Refused, match="1 row has an error or is not decided yet"):
        taking.start(found, everything=True, by=cast.rosa)
    found = taken_in(found, by=cast.rosa, everything=False)
    cast.jane.refresh_from_db()
    assert (cast.jane.phone, found.state, found.created, found.waiting) == ("", State.CHECKING, 1, 1)
    assert Notice.objects.get(kind="intake").text == "Patients from a file: 1 new. 1 row waits for you."


def test_theirs_is_taken_over_with_its_reason_in_the_history(cast):
    found = matched(cast.rosa, "T-0001,Doe,Janet,1948-05-12,F,555 0100")
    decided(found, 2, "theirs", by=cast.luis, fields=["phone"])
    found = taken_in(found, by=cast.rosa)
    cast.jane.refresh_from_db()
    assert (cast.jane.phone, cast.jane.given_name) == ("555 0100", "Jane"), "Only what was chosen."
    assert cast.jane.history.latest().history_change_reason == "As she told us."
    link = ImportedPatient.objects.get()
    assert (link.what, link.decided_by, link.history.get().history_user_id) == (
        "changed",
        cast.luis,
        cast.rosa.user_id,
    ), "Who decided, and who took it in."
    assert (found.changed, found.state) == (1, State.DONE)


def test_ours_is_kept_and_that_is_on_the_record_too(cast):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    decided(found, 2, "ours", by=cast.rosa, reason="Their number is old.")
    found = taken_in(found, by=cast.rosa)
    link = ImportedPatient.objects.get()
    assert (link.what, link.reason, link.patient) == ("kept", "Their number is old.", cast.jane)
    cast.jane.refresh_from_db()
    assert (cast.jane.phone, cast.jane.version, found.kept) == ("", 1, 1)


def test_a_changed_payer_ends_the_coverage_before(cast):
    line = "T-0001,Doe,Jane,1948-05-12,F,,Medicaid,TN-77"
    columns = [*CHOSEN, "payer", "member_id"]
    found = matched(cast.rosa, line, header=f"{HEADER},Payer,Member ID", chosen=columns)
    assert row(found).differs == {
        "payer": ["medicare", "medicaid"],
        "plan_name": ["Medicare B", ""],
        "member_id": ["1EG4TE5MK73", "TN77"],
        "coverage_on": [f"{Coverage.objects.get(patient=cast.jane).starts_on}", ""],
    }
    decided(found, 2, "theirs", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    before, now = Coverage.objects.filter(patient=cast.jane).order_by("starts_on")
    assert before.ends_on == now.starts_on == cast.practice.today()
    assert (now.payer, now.member_id, now.plan_name) == ("medicaid", "TN77", "")


def test_a_decision_holds_only_for_what_it_was_made_about(cast):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    decided(found, 2, "theirs", by=cast.rosa)
    cast.jane.phone = "555 0199"
    cast.jane.save()
    found = taken_in(found, by=cast.rosa)
    one = row(found)
    assert (found.state, one.decision, one.taking) == (State.CHECKING, "", False)
    assert one.differs == {"phone": ["555 0199", "555 0100"]}
    assert one.note == "What is here changed after this row was checked. Look at it again"
    cast.jane.refresh_from_db()
    assert cast.jane.phone == "555 0199"


def _meanwhile(monkeypatch, change) -> None:
    """`change` happens after a chunk was matched and before its rows are taken in."""

    def match(rows, *args, **kwargs):
        matching.match(rows, *args, **kwargs)
        change()

    monkeypatch.setattr(taking, "match", match)


@pytest.mark.parametrize("decision", ["theirs", "ours"])
def test_a_correction_made_while_a_chunk_is_at_work_is_not_written_over(cast, monkeypatch, decision):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    decided(found, 2, decision, by=cast.rosa)

    def corrected():
        cast.jane.phone = "555 0199"
        cast.jane.save()

    _meanwhile(monkeypatch, corrected)
    found = taken_in(found, by=cast.rosa)
    one = row(found)
    assert (found.state, found.finished, one.decision) == (State.CHECKING, 0, "")
    assert (one.differs, one.note) == ({"phone": ["555 0199", "555 0100"]}, taking.CHANGED_SINCE)
    cast.jane.refresh_from_db()
    assert cast.jane.phone == "555 0199"


def test_a_payer_corrected_while_a_chunk_is_at_work_is_not_written_over(cast, monkeypatch):
    line = "T-0001,Doe,Jane,1948-05-12,F,,Medicaid,TN-77"
    columns = [*CHOSEN, "payer", "member_id"]
    found = matched(cast.rosa, line, header=f"{HEADER},Payer,Member ID", chosen=columns)
    decided(found, 2, "theirs", by=cast.rosa)
    given = PayerGiven(payer="commercial", plan_name="Blue", member_id="B-1", starts_on=cast.practice.today())
    _meanwhile(
        monkeypatch, lambda: services.change_coverage(cast.jane, given, by=cast.luis, at=timezone.now())
    )
    found = taken_in(found, by=cast.rosa)
    assert row(found).note == taking.CHANGED_SINCE
    assert Coverage.objects.filter(patient=cast.jane).latest("starts_on").payer == "commercial"


def test_what_a_nurse_corrected_to_the_same_meanwhile_is_the_same(cast, monkeypatch):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    decided(found, 2, "theirs", by=cast.rosa)

    def corrected():
        cast.jane.phone = "555 0100"
        cast.jane.save()

    _meanwhile(monkeypatch, corrected)
    found = taken_in(found, by=cast.rosa)
    assert (row(found).standing, found.waiting) == (Standing.SAME, 1)
    assert taken_in(found, by=cast.rosa).same == 1


def test_a_patient_who_got_the_mrn_of_a_later_row_comes_once_and_the_others_go_on(cast):
    found = matched(cast.rosa, NEW, "T-0001,Doe,Jane,1948-05-12,F,555 0100", "N-3,Cole,Ada,1950-01-02,F,")
    found = taken_in(found, by=cast.rosa, everything=False)
    cast.jane.mrn = "T-9001"
    cast.jane.save()
    ida = Patient.objects.get(mrn="N-1")
    ida.mrn = "T-0001"
    ida.save()
    decided(found, 3, "ours", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    assert (row(found, 3).patient, row(found, 3).note) == (ida, taking.CHANGED_SINCE)
    decided(found, 3, "ours", by=cast.rosa)
    found = taken_in(found, by=cast.rosa)
    assert (found.state, found.created, row(found, 3).decision) == (State.CHECKING, 2, "")
    assert row(found, 3).note == "Row 2 of this file brought this patient already. Leave one of them out"
    decided(found, 3, "leave", by=cast.rosa)
    assert taken_in(found, by=cast.rosa).left_out == 1


def test_a_page_about_other_values_decides_nothing(cast):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    seen = acts.mark(row(found))
    acts.choose_columns(
        found, ["mrn", "family_name", "given_name", "born_on", "phone", ""], by=cast.rosa, at=timezone.now()
    )
    with pytest.raises(Refused, match="matched anew while you had it open"):
        acts.decide(row(found), decision="ours", taken_over=[], reason="x", seen=seen, by=cast.rosa)


@pytest.mark.parametrize(
    ("line", "standing"),
    [
        ("N-9,Doe,Janet,1948-05-12,F,", Standing.DOUBLE),
        ("N-9,Deo,Jane,1948-05-12,F,", Standing.DOUBLE),
        ("N-9,Doe-Smith,Jane,1948-05-12,F,", Standing.DOUBLE),
        ("N-9,Doe,Jane,1948-05-13,F,", Standing.NEW),
        ("N-9,Bell,Jane,1948-05-12,F,", Standing.NEW),
        ("T-0001,Doe,Janet,1948-05-12,F,", Standing.CHANGED),
        ("T-0001,Doe,Jane,1948-05-13,F,", Standing.CHANGED),
        ("T-0001,Deo,Jane,1948-05-12,F,", Standing.CHANGED),
        ("T-0001,Bell,Jane,1948-05-12,F,", Standing.OTHER_NAME),
        ("T-0001,Doe,Janet,1951-03-02,F,", Standing.OTHER_NAME),
        ("T-0001,Deo,Jane,1951-03-02,F,", Standing.OTHER_NAME),
        ("T-0001,Deo,Janet,1948-05-12,F,", Standing.OTHER_NAME),
    ],
)
def test_likely_doubles_are_told(cast, line, standing):
    found = matched(cast.rosa, line)
    assert row(found).standing == standing
    assert row(found).doubles == ([str(cast.jane.pk)] if standing == Standing.DOUBLE else [])


def test_a_likely_double_waits_until_somebody_says_it_is_another_person(cast):
    found = matched(cast.rosa, "N-9,Doe,Jane,1948-05-12,F,", NEW)
    found = taken_in(found, by=cast.rosa, everything=False)
    assert not Patient.objects.filter(mrn="N-9").exists()
    decided(found, 2, "another", by=cast.rosa, reason="Her twin sister.")
    found = taken_in(found, by=cast.rosa)
    assert (found.state, found.created) == (State.DONE, 2)
    assert Patient.objects.get(mrn="N-9").history.get().history_change_reason == "Her twin sister."


@pytest.mark.parametrize("count", [1, 4, 5, 6])
def test_one_more_likely_double_than_was_shown_is_decided_anew(cast, count):
    for number in range(count):
        who = {"family_name": "Ashe", "given_name": f"Ada {number}", "born_on": date(1950, 1, 2), "sex": "F"}
        register(cast.practice, who=Who(mrn=f"D-{number}", **who), by=cast.luis, at=timezone.now())
    found = matched(cast.rosa, "N-9,Ashe,Ann,1950-01-02,F,")
    assert len(row(found).doubles) == min(count, 5)
    decided(found, 2, "another", by=cast.rosa)
    who = {"family_name": "Ashe", "given_name": "Zoe", "born_on": date(1950, 1, 2), "sex": "F"}
    register(cast.practice, who=Who(mrn="D-99", **who), by=cast.luis, at=timezone.now())
    found = taken_in(found, by=cast.rosa)
    assert (found.created, row(found).decision, row(found).note) == (0, "", taking.CHANGED_SINCE)
    decided(found, 2, "another", by=cast.rosa)
    assert taken_in(found, by=cast.rosa).created == 1


def test_a_double_that_is_left_out_is_counted_so(cast):
    found = matched(cast.rosa, "N-9,Doe,Jane,1948-05-12,F,")
    decided(found, 2, "leave", by=cast.rosa, reason="")
    found = taken_in(found, by=cast.rosa)
    assert (found.state, found.left_out) == (State.DONE, 1)
    assert not Patient.objects.filter(mrn="N-9").exists()


def test_doubles_inside_the_file_are_decided_too(cast):
    found = matched(cast.rosa, NEW, "N-2,Bell,Ida,3/14/1951,female,555-0111")
    assert (row(found, 3).standing, row(found, 3).twin) == (Standing.DOUBLE, 2)
    decided(found, 3, "another", by=cast.rosa, reason="Two of one name.")
    found = taken_in(found, by=cast.rosa)
    assert (found.created, found.state) == (2, State.DONE)


@pytest.mark.parametrize(
    "who", ["Bell,Ida,3/14/1951", "Doe,Jose,1951-03-02", "Deo,Jane,1951-03-02", "Doe-Roe,Jane,1948-05-21"]
)
def test_somebody_elses_record_is_not_written_over_under_her_mrn(cast, who):
    found = matched(cast.rosa, f"T-0001,{who},F,")
    with pytest.raises(Refused, match="likely another person under the same MRN"):
        decided(found, 2, "theirs", by=cast.rosa)
    with pytest.raises(Refused, match="likely another person under the same MRN"):
        decided(found, 2, "theirs", by=cast.rosa, fields=["born_on"])
    decided(found, 2, "ours", by=cast.rosa)


def test_whatever_its_standing_a_row_of_another_person_is_not_taken_over(cast):
    found = matched(cast.rosa, "T-0001,Doe,Jose,1951-03-02,M,")
    Candidate.objects.update(standing=Standing.CHANGED)
    with pytest.raises(Refused, match="likely another person under the same MRN"):
        decided(found, 2, "theirs", by=cast.rosa)


@pytest.mark.parametrize(
    "line",
    [
        "T-0001,Doe,Jane,1948-05-13,F,",
        "T-0001,Doe,Janet,1948-05-12,F,",
        "T-0001,Deo,Jane,1948-05-12,F,",
        "T-0001,Doe,Jose,1951-03-02,M,",
    ],
)
def test_who_is_called_or_born_otherwise_is_decided_alone(cast, line):
    found = matched(cast.rosa, line, "T-0002,Roe,Max,1944-02-01,M,555 0101")
    assert counts(found)["at_once"] == 1
    given = {"decision": "theirs", "reason": "The other system is newer.", "by": cast.rosa}
    assert acts.decide_the_rest(found, undecided=1, version=found.version, **given) == 1
    assert [row(found, n).decision for n in (2, 3)] == ["", "theirs"]


def test_many_that_differ_are_decided_at_once_but_doubles_are_not(cast):
    found = matched(
        cast.rosa,
        "T-0001,Doe,Jane,1948-05-12,F,555 0100",
        "T-0002,Roe,Max,1944-02-01,M,555 0101",
        "N-9,Doe,Janet,1948-05-12,F,",
    )
    given = {"decision": "theirs", "reason": "The other system is newer.", "by": cast.rosa}
    with pytest.raises(Refused, match="decided elsewhere"):
        acts.decide_the_rest(found, undecided=1, version=found.version, **given)
    assert acts.decide_the_rest(found, undecided=2, version=found.version, **given) == 2
    assert [row(found, n).decision for n in (2, 3, 4)] == ["theirs", "theirs", ""]
    taken_in(found, by=cast.rosa, everything=False)
    cast.max.refresh_from_db()
    assert cast.max.phone == "555 0101"


# Who dies, presses twice or comes in between ---------------------------------------------------------------------


def many(count: int) -> list[str]:
    return [f"N-{n},Bell,Ida,{date(1930, 1, 1) + timedelta(days=n)},F," for n in range(count)]


def test_a_double_press_asks_once(cast):
    found = matched(cast.rosa, NEW)
    for _ in range(2):
        taking.start(found, everything=True, by=cast.rosa)
    assert OutboxMessage.objects.filter(topic="intake.take_in").count() == 1
    work()
    assert PatientImport.objects.get().created == 1


@pytest.mark.parametrize("count", [taking.CHUNK - 1, taking.CHUNK, taking.CHUNK + 1, 2 * taking.CHUNK])
def test_chunks_follow_one_another_to_the_end(cast, count):
    found = matched(cast.rosa, *many(count))
    taking.start(found, everything=True, by=cast.rosa)
    assert work() == -(-count // taking.CHUNK)
    found.refresh_from_db()
    assert (found.state, found.created) == (State.DONE, count)


def test_a_worker_killed_in_the_middle_of_a_chunk_leaves_it_whole(cast, monkeypatch):
    found = matched(cast.rosa, *many(taking.CHUNK + 5))
    taking.start(found, everything=True, by=cast.rosa)
    first = OutboxMessage.objects.get(topic="intake.take_in")
    deliver(first.pk)
    made = []

    def dies(*args, **kwargs):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(register(*args, **kwargs))
        return made[-1]

    with monkeypatch.context() as patched:
        patched.setattr(taking, "register", dies)
        with pytest.raises(KeyboardInterrupt):
            work()
    found.refresh_from_db()
    assert (found.created, Candidate.objects.count()) == (taking.CHUNK, 5)
    assert Patient.objects.filter(mrn__startswith="N-").count() == taking.CHUNK
    assert deliver(first.pk) is False, "A message that comes twice does nothing."
    work()
    found.refresh_from_db()
    assert (found.state, found.created) == (State.DONE, taking.CHUNK + 5)


def test_a_patient_enrolled_in_the_meantime_is_not_doubled(cast):
    found = matched(cast.rosa, NEW, "N-2,Cole,Ada,1950-01-02,F,")
    taking.start(found, everything=True, by=cast.rosa)
    who = Who(family_name="Bell", given_name="Ida", born_on=date(1951, 3, 14), sex="F", mrn="X-1")
    register(cast.practice, who=who, by=cast.luis, at=timezone.now())
    who = Who(family_name="Cole", given_name="Ada", born_on=date(1950, 1, 2), sex="F", mrn="N-2")
    register(cast.practice, who=who, by=cast.luis, at=timezone.now())
    work()
    found.refresh_from_db()
    assert (found.created, found.same, found.state) == (0, 1, State.CHECKING)
    assert row(found).standing == Standing.DOUBLE


def test_work_that_was_set_aside_goes_on_when_asked_again(cast):
    found = matched(cast.rosa, NEW)
    taking.start(found, everything=True, by=cast.rosa)
    OutboxMessage.objects.update(failed_at=timezone.now())
    found.refresh_from_db()
    assert stalled(found)
    taking.start(found, everything=False, by=cast.rosa)
    OutboxMessage.objects.filter(failed_at__isnull=False).update(done_at=timezone.now())
    work()
    assert PatientImport.objects.get().created == 1


# Ending ------------------------------------------------------------------------------------------------------------


def test_what_ended_keeps_no_rows(cast):
    found = matched(cast.rosa, NEW, "T-0001,Doe,Jane,1948-05-12,F,555 0100")
    found = taken_in(found, by=cast.rosa, everything=False)
    assert ImportFile.objects.exists()
    found = acts.end(found, by=cast.rosa, at=timezone.now())
    assert (found.state, found.left_out, found.rows) == (State.DONE, 1, 2)
    assert not ImportFile.objects.exists()
    assert not Candidate.objects.exists()
    with pytest.raises(Refused, match="ended already"):
        acts.end(found, by=cast.rosa, at=timezone.now())


def test_one_that_is_being_taken_in_is_not_discarded_under_it(cast):
    found = matched(cast.rosa, NEW)
    taking.start(found, everything=True, by=cast.rosa)
    with pytest.raises(Refused, match="Wait until that is done"):
        acts.end(found, by=cast.rosa, at=timezone.now())
    work()


@pytest.mark.parametrize(("beyond", "ended"), [(-1, 0), (0, 1), (1, 1)])
def test_an_open_import_expires_after_seven_days(cast, beyond, ended):
    at = timezone.now()
    found = matched(cast.rosa, NEW, at=at)
    assert acts.expire(at=at + timedelta(days=7, seconds=beyond)) == ended
    found.refresh_from_db()
    assert (found.state == State.EXPIRED) == Candidate.objects.exists() ^ True == bool(ended)


def test_an_import_that_cannot_be_ended_holds_no_other_back(cast, monkeypatch, caplog):
    at = timezone.now()
    stuck, other = matched(cast.rosa, NEW, at=at), opened(cast.dan, csv(NEW), at=at)
    forget = acts.forget

    def fails(found, *args, **kwargs):
        if found.pk == stuck.pk:
            raise ValueError("Bell, Ida")
        forget(found, *args, **kwargs)

    monkeypatch.setattr(acts, "forget", fails)
    assert acts.expire(at=at + timedelta(days=8)) == 1
    assert [PatientImport.objects.get(pk=each.pk).state for each in (stuck, other)] == ["checking", "expired"]
    assert str(stuck.pk) in caplog.text
    assert "Bell" not in caplog.text


def test_one_import_is_open_at_a_time_in_a_practice(cast):
    opened(cast.rosa, csv(NEW))
    with pytest.raises(Refused, match="An import of patients is open"):
        opened(cast.luis, csv(NEW))
    opened(cast.dan, csv(NEW))


def test_the_columns_are_kept_for_the_practice_alone_once_rows_are_taken_in(cast):
    """A header that is given up, or a column that is not taken in, may be a name of somebody."""
    header = "MRN,Last name,First name,DOB,Jane Doe 1948,Phone"
    chosen = ["mrn", "family_name", "given_name", "born_on", "", ""]
    found = matched(cast.rosa, NEW, header=header, chosen=chosen)
    assert not KnownColumns.objects.exists()
    acts.end(found, by=cast.rosa, at=timezone.now())
    assert not KnownColumns.objects.exists()
    taken_in(matched(cast.rosa, NEW, header=header, chosen=chosen), by=cast.rosa)
    kept = KnownColumns.objects.get()
    assert kept.practice == cast.practice
    names = {"mrn": "mrn", "lastname": "family_name", "firstname": "given_name", "dob": "born_on"}
    assert kept.columns == {**names, "phone": ""}


@pytest.mark.parametrize("line", ["A123,Doe,Jane,F", "hello"])
def test_a_file_without_a_header_is_not_kept(cast, line):
    with pytest.raises(Refused, match="must name the columns"):
        opened(cast.rosa, f"{line}\n{line}".encode())
    assert not PatientImport.objects.exists()


def test_columns_are_not_chosen_anew_once_rows_are_taken_in(cast):
    found = matched(cast.rosa, NEW, "N-9,Doe,Jane,1948-05-12,F,")
    found = taken_in(found, by=cast.rosa, everything=False)
    with pytest.raises(Refused, match="Part of this file is taken in already"):
        acts.choose_columns(found, CHOSEN, by=cast.rosa, at=timezone.now())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE intake_candidate SET decision = 'theirs', decided_by_id = %(by)s, patient_id = %(jane)s",
        "UPDATE intake_candidate SET decision = 'leave'",
        "UPDATE intake_candidate SET decision = 'ours', reason = 'x', decided_by_id = %(by)s",
        "UPDATE intake_candidate SET standing = 'wrong', taking = true",
        "UPDATE intake_candidate SET patient_id = %(nora)s; SET CONSTRAINTS ALL IMMEDIATE",
        "UPDATE intake_patientimport SET ended_at = now()",
        "UPDATE intake_patientimport SET ended_at = now(), state = 'done', created = 2",
        "UPDATE intake_importfile SET content = convert_to(repeat('x', 5242881), 'UTF8')",
    ],
)
def test_around_the_form_the_database_refuses(cast, sql):
    matched(cast.rosa, NEW)
    ids = {"by": cast.rosa.pk, "jane": cast.jane.pk, "nora": cast.nora.pk}
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, ids)


def test_nobody_is_changed_by_a_file_without_somebody_who_decided(cast):
    found = taken_in(matched(cast.rosa, NEW), by=cast.rosa)
    link = ImportedPatient(practice=cast.practice, patient_import=found, patient=cast.jane, row=9)
    link.what, link.reason = "kept", "Old number."
    with pytest.raises(IntegrityError, match="imported_over_by_somebody"), transaction.atomic():
        link.save()


def test_a_patient_comes_in_once(cast):
    found = taken_in(matched(cast.rosa, NEW), by=cast.rosa)
    link = ImportedPatient.objects.get()
    twice = ImportedPatient(
        practice=cast.practice, patient_import=found, patient=link.patient, row=9, what="created"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()


def test_a_coverage_that_would_lie_under_a_later_one_holds_from_today(cast):
    services.change_coverage(
        cast.jane,
        PayerGiven(payer="commercial", plan_name="Blue", member_id="B-1", starts_on=date(2025, 6, 1)),
        by=cast.rosa,
        at=timezone.now(),
    )
    line = "T-0001,Doe,Jane,1948-05-12,F,,Medicaid,2025-03-01"
    columns = [*CHOSEN, "payer", "coverage_on"]
    found = matched(cast.rosa, line, header=f"{HEADER},Payer,Since", chosen=columns)
    decided(found, 2, "theirs", by=cast.rosa)
    found = taken_in(found, by=cast.rosa)
    latest = Coverage.objects.filter(patient=cast.jane).order_by("starts_on").last()
    assert (latest.payer, latest.starts_on) == ("medicaid", cast.practice.today())


def test_the_row_is_the_same_for_who_lives_where_the_practice_is(cast):
    """JANE as she is here: nothing to decide."""
    assert row(matched(cast.rosa, JANE)).standing == Standing.SAME
