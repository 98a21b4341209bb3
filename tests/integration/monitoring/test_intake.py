"""Taking in a CSV: all or nothing, twice without effect, by page and by command."""

from datetime import UTC, date, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from foundation.refusals import Refused
from monitoring.intake import look_through, take_in
from monitoring.models import ImportBatch, Reading, WaitingUpload
from tests import factories

HEADER = "serial,mrn,measure,taken_at,value,second_value,unit,source"
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
GOOD = (
    "CUFF-T-0001,,blood_pressure,2026-01-05T08:12:00-05:00,158,96,mmHg,automatic",
    "CUFF-T-0001,,heart_rate,2026-01-05T08:12:00-05:00,71,,,",
    ",T-0001,glucose,2026-01-05T09:00:00-05:00,6.4,,mmol/L,typed",
)


def csv(*lines):
    return "\n".join([HEADER, *lines]).encode()


def take(cast, *lines, at=NOW):
    return take_in(csv(*lines), practice=cast.practice, file_name="jan.csv", by=cast.rosa, at=at)


def problems(cast, *lines, at=NOW):
    return [str(error) for error in look_through(csv(*lines), practice=cast.practice, at=at).errors]


def test_a_file_is_taken_in_with_its_history(cast):
    batch = take(cast, *GOOD)
    assert (batch.rows, batch.added, batch.repeated) == (3, 3, 0)
    rows = {row.measure: row for row in Reading.objects.filter(patient=cast.jane)}
    assert rows["blood_pressure"].day == date(2026, 1, 5)
    assert rows["glucose"].device is None
    assert rows["glucose"].history.get().history_change_reason == "Readings imported from jan.csv"
    assert all(row.batch == batch and row.received_at == NOW for row in rows.values())


def test_a_second_time_adds_nothing(cast):
    take(cast, *GOOD)
    again = take(cast, *GOOD)
    assert (again.added, again.repeated) == (0, 3)
    assert Reading.objects.count() == 3


def test_a_line_repeated_in_the_file_counts_once(cast):
    batch = take(cast, GOOD[0], GOOD[0])
    assert (batch.added, batch.repeated) == (1, 1)


def test_the_same_moment_in_another_offset_is_the_same_moment(cast):
    take(cast, GOOD[0])
    assert take(cast, "CUFF-T-0001,,blood_pressure,2026-01-05T13:12:00Z,158,96,,").repeated == 1


def test_another_value_for_the_same_moment_is_an_error(cast):
    take(cast, GOOD[0])
    changed = GOOD[0].replace("158", "148")
    assert problems(cast, changed)[0].startswith(
        "Line 2, value: Differs from the value recorded for this moment"
    )
    assert problems(cast, GOOD[1], GOOD[1].replace("71", "72"))[0].startswith("Line 3, value: Differs")


def test_one_wrong_line_keeps_the_whole_file_out(cast):
    with pytest.raises(Refused, match=r"Line 3, serial: Is “NONE”.*Nothing was taken in"):
        take(cast, GOOD[0], "NONE,,weight,2026-01-05T08:12:00-05:00,86,,kg,")
    assert not Reading.objects.exists()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("CUFF-T-0001,,weight,2026-01-05T08:12:00-05:00,86,,kg,", "a blood pressure cuff does not measure"),
        ("CUFF-T-0001,,heart_rate,2025-10-05T08:12:00-05:00,71,,,", "Was with nobody that day"),
        ("CUFF-T-0001,T-0002,heart_rate,2026-01-05T08:12:00-05:00,71,,,", "Is not that of the patient"),
        (",T-9999,heart_rate,2026-01-05T08:12:00-05:00,71,,,", "which no patient here has"),
        (",T-0001,heart_rate,2025-10-05T08:12:00-05:00,71,,,", "the patient was not enrolled"),
        ("CUFF-T-0001,,heart_rate,2026-02-01T12:06:00Z,71,,,", "Lies in the future"),
    ],
)
def test_a_line_that_fits_nobody_is_an_error(cast, line, words):
    (problem,) = problems(cast, line)
    assert words in problem


def test_a_device_of_another_practice_is_unknown_here(cast):
    factories.saved(factories.Device(practice=cast.elsewhere, serial="FAR-1", kind="scale"))
    assert "no device here has" in problems(cast, "FAR-1,,weight,2026-01-05T08:12:00-05:00,86,,kg,")[0]


def test_an_mrn_means_the_patient_of_this_practice(cast):
    take(cast, GOOD[2])
    assert not Reading.objects.filter(patient=cast.nora).exists()


def test_the_day_is_where_the_patient_lives(cast):
    cast.jane.time_zone = "Pacific/Honolulu"
    cast.jane.save()
    take(cast, "CUFF-T-0001,,heart_rate,2026-01-06T04:00:00-05:00,71,,,")
    assert Reading.objects.get().day == date(2026, 1, 5)


def test_a_device_returned_and_given_on_sends_for_its_holder_of_that_day(cast):
    held = cast.jane.assignments.get()
    held.ends_on = date(2026, 1, 6)
    held.save()
    own = {"practice": cast.practice, "patient": cast.max, "enrollment": cast.max_enrolled}
    factories.saved(factories.DeviceAssignment(device=held.device, starts_on=date(2026, 1, 6), **own))
    take(cast, GOOD[1], GOOD[1].replace("01-05", "01-06"))
    assert [row.patient for row in Reading.objects.order_by("taken_at")] == [cast.jane, cast.max]


def test_reading_a_file_takes_the_same_queries_whatever_its_length(cast, django_assert_num_queries):
    lines = [GOOD[1].replace("08:12", f"08:{minute:02}") for minute in range(60)]
    for some in ([GOOD[2], *lines[:2]], [GOOD[2], *lines]):
        with django_assert_num_queries(8):
            look_through(csv(*some), practice=cast.practice, at=NOW)


def run(tmp_path, *arguments, content):
    file = tmp_path / "jan.csv"
    file.write_bytes(content)
    out = StringIO()
    call_command("import_readings", str(file), "--practice", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_looks_first_and_then_takes_in(cast, tmp_path):
    dry = run(tmp_path, "maple", "--dry-run", content=csv(*GOOD))
    assert dry == "3 readings: 3 would be added, 0 already here.\n"
    assert not Reading.objects.exists()
    assert run(tmp_path, "maple", content=csv(*GOOD)) == "3 readings: 3 added, 0 already here.\n"
    assert Reading.history.first().actor_label == "import: jan.csv"
    assert run(tmp_path, "maple", content=csv(*GOOD)) == "3 readings: 0 added, 3 already here.\n"


@pytest.mark.parametrize(
    ("practice", "content", "words"),
    [
        ("nowhere", csv(*GOOD), "There is no practice nowhere"),
        ("maple", b"\x00", "not a text file"),
        ("elsewhere", csv(GOOD[0].replace("-0001", "-0002")), "Line 2, serial: .*\nNothing was taken in"),
    ],
)
def test_the_command_says_what_is_wrong(cast, tmp_path, practice, content, words):
    with pytest.raises(CommandError, match=words):
        run(tmp_path, practice, content=content)


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def upload(client, content, **more):
    file = SimpleUploadedFile("jan.csv", content, content_type="text/csv")
    form = {"operation_id": str(uuid4()), "file": file, **more}
    return client.post(reverse("monitoring:readings_import"), form)


def test_the_page_shows_what_a_file_would_do_before_it_does_it(rosa, cast):
    check = upload(rosa, csv(*GOOD))["Location"]
    page = rosa.get(check)
    assert len(page.context["found"].new) == 3
    assert not Reading.objects.exists()
    answer = rosa.post(check, {"operation_id": str(uuid4())})
    assert (answer.status_code, answer["Location"]) == (303, reverse("monitoring:readings_import"))
    assert Reading.objects.count() == 3
    assert ImportBatch.objects.get().imported_by == cast.rosa
    assert bytes(WaitingUpload.objects.get().content) == b""
    assert rosa.get(check).status_code == 404


def test_confirming_twice_takes_in_once(rosa, cast):
    check = upload(rosa, csv(*GOOD))["Location"]
    form = {"operation_id": str(uuid4())}
    assert rosa.post(check, form)["Location"] == rosa.post(check, form)["Location"]
    assert ImportBatch.objects.count() == 1


def test_wrong_lines_are_listed_and_cannot_be_confirmed(rosa, cast):
    check = upload(rosa, csv(GOOD[0], "NONE,,weight,2026-01-05T08:12:00-05:00,86,,kg,"))["Location"]
    page = rosa.get(check).content.decode()
    assert "Line 3" in page
    assert "Take in these readings" not in page
    assert rosa.post(check, {"operation_id": str(uuid4())}).status_code == 422
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"), [(b"a,b\n", "has a header and no lines below it"), (b"", "The file is empty")]
)
def test_a_file_that_is_none_is_refused_at_its_field(rosa, cast, content, words):
    answer = upload(rosa, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_file_too_large_for_a_request_is_refused(rosa, cast, monkeypatch):
    monkeypatch.setattr("monitoring.views.importing.PAGE_ROWS", 2)
    answer = upload(rosa, csv(*GOOD))
    assert answer.status_code == 422
    assert "The file has 3 readings; this page takes 2 at a time. Split it" in answer.content.decode()


def test_nobody_else_opens_an_upload(client, rosa, cast):
    check = upload(rosa, csv(*GOOD))["Location"]
    for who in ("luis", "dan"):
        client.force_login(cast.user(who))
        assert client.get(check).status_code == 404


def test_an_upload_left_behind_is_emptied(rosa, cast):
    upload(rosa, csv(*GOOD))
    WaitingUpload.objects.update(uploaded_at=NOW)
    upload(rosa, csv(*GOOD))
    assert sorted(bool(bytes(row.content)) for row in WaitingUpload.objects.all()) == [False, True]


@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_only_those_who_care_import(client, cast, who):
    client.force_login(cast.user(who))
    assert client.get(reverse("monitoring:readings_import")).status_code == 403
    assert client.get(reverse("monitoring:readings_import_check", args=[uuid4()])).status_code == 403
