"""Any vendor's file: columns chosen once on the page, kept for the practice, used by page and command."""

import json
from datetime import UTC, date, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from foundation.context import acting
from foundation.refusals import Refused
from monitoring.files import mapping as mappings
from monitoring.files.understood import understand
from monitoring.intake import look_through, take_in
from monitoring.models import FileShape, ImportBatch, Reading, WaitingUpload
from tests import factories

IMPORT = reverse("monitoring:readings_import")
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
CUFF = (
    b'"Datum - Zeit";"Systole";"Diastole";"Puls";"Notiz"\r\n'
    b'"05.01.2026 - 07:14";"134 mmHg";"84 mmHg";"71 bpm";"  "\r\n'
    b'"06.01.2026 - 19:02";"129 mmHg";"79 mmHg";"68 bpm";"coffee"\r\n'
)
AMBIGUOUS = b"Serial,Date/Time,SYS,DIA\nCUFF-T-0001,05/01/2026 07:14,134,84\n"
SCALE = b"Date,Weight\n2026-01-05 07:14,187.4\n"


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def upload(client, content, name="export.csv"):
    form = {"operation_id": str(uuid4()), "file": SimpleUploadedFile(name, content, content_type="text/csv")}
    return client.post(IMPORT, form)


def filled(page, **answers) -> dict:
    """The columns' form as it was shown, with some answers."""
    shown = {field.html_name: field.value() or "" for field in page.context["form"]}
    return {**shown, "operation_id": str(uuid4()), **answers}


def checked(client, content, **answers):
    """The check page of a file whose columns were answered."""
    columns = upload(client, content)["Location"]
    answer = client.post(columns, filled(client.get(columns), **answers))
    assert answer.status_code == 303, answer.context["form"].errors
    return answer["Location"]


def confirm(client, check, **more):
    return client.post(check, {"operation_id": str(uuid4()), **more})


def test_a_file_without_a_person_is_given_to_a_device(rosa, cast):
    columns = upload(rosa, CUFF)["Location"]
    page = rosa.get(columns)
    assert "No column says whose readings these are" in page.content.decode()
    assert [row.value for row in page.context["first"]] == [
        "134/84 mmHg",
        "71 /min",
        "129/79 mmHg",
        "68 /min",
    ]
    check = rosa.post(columns, filled(page, serial="CUFF-T-0001"))["Location"]
    page = rosa.get(check)
    assert "Columns left out: Notiz." in page.content.decode()
    assert [row.when for row in page.context["first"]][:1] == ["05-Jan-2026 07:14 EST"]
    assert confirm(rosa, check).status_code == 303
    found = list(Reading.objects.filter(measure="blood_pressure").order_by("taken_at"))
    assert [(row.patient, row.day, row.value) for row in found] == [
        (cast.jane, date(2026, 1, 5), 134),
        (cast.jane, date(2026, 1, 6), 129),
    ]
    assert found[0].taken_at == datetime(2026, 1, 5, 12, 14, tzinfo=UTC)
    assert bytes(WaitingUpload.objects.get().content) == b""
    assert WaitingUpload.objects.get().mapping == {}


def test_what_was_chosen_is_kept_without_whose_it_was_and_asked_no_more(rosa, cast):
    confirm(rosa, checked(rosa, AMBIGUOUS, order="dmy"))
    kept = FileShape.objects.get()
    assert kept.mapping["order"] == "dmy"
    assert "CUFF-T-0001" not in json.dumps(kept.mapping)
    answer = upload(rosa, AMBIGUOUS.replace(b"05/01", b"06/01").replace(b"134", b"135"))
    assert "/columns/" not in answer["Location"]
    assert "chose for such a file before" in rosa.get(answer["Location"]).content.decode()
    confirm(rosa, answer["Location"])
    assert [row.day for row in Reading.objects.order_by("taken_at")] == [date(2026, 1, 5), date(2026, 1, 6)]


def test_a_kept_shape_without_a_person_asks_whose_each_file_is(rosa, cast):
    confirm(rosa, checked(rosa, CUFF, serial="CUFF-T-0001"))
    columns = upload(rosa, CUFF)["Location"]
    assert "/columns/" in columns
    assert rosa.get(columns).context["form"]["serial"].value() == ""


def test_a_date_that_can_be_two_days_is_asked(rosa, cast):
    columns = upload(rosa, AMBIGUOUS)["Location"]
    page = rosa.get(columns)
    answer = rosa.post(columns, filled(page))
    assert answer.status_code == 422
    assert "“05/01/2026 07:14” can be two days. Choose in which order" in answer.content.decode()
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"serial": "CUFF-T-0001"}, "unit_1", "Choose the unit of Weight. The file does not say it"),
        ({"serial": "CUFF-T-0001", "unit_1": "mm[Hg]"}, "unit_1", "Weight is not in mmHg. Choose kg, lb, g"),
        ({"serial": "NONE", "unit_1": "kg"}, "serial", "“NONE” is no device here"),
        ({"mrn": "T-9", "unit_1": "kg"}, "mrn", "“T-9” is no patient here"),
        ({"unit_1": "kg"}, "serial", "No column says whose readings these are"),
        ({"serial": "CUFF-T-0001", "column_1": ""}, "__all__", "No column gives a value"),
        (
            {"serial": "CUFF-T-0001", "unit_1": "kg", "column_0": ""},
            "__all__",
            "No column gives date and time",
        ),
        ({"serial": "CUFF-T-0001", "unit_1": "kg", "column_0": "date"}, "__all__", "gives the time of day"),
        ({"serial": "CUFF-T-0001", "column_1": "systolic"}, "__all__", "No column gives diastolic"),
        ({"serial": "CUFF-T-0001", "column_1": "moment"}, "column_1", "is given by “Date” too"),
        ({"serial": "CUFF-T-0001", "column_1": "value", "unit_1": "kg"}, "column_1", "Say what it measures"),
        ({"column_1": "junk"}, "column_1", "Select a valid choice"),
    ],
)
def test_a_wrong_choice_is_named_at_its_field_and_kept(rosa, cast, answers, field, words):
    columns = upload(rosa, SCALE)["Location"]
    answer = rosa.post(columns, filled(rosa.get(columns), **answers))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert words in str(form.errors[field])
    assert all(form[name].value() == value for name, value in answers.items())


def test_a_weight_in_pounds_is_kept_in_both_units(rosa, cast):
    scale = factories.saved(factories.Device(practice=cast.practice, serial="S-1", kind="scale"))
    own = {"practice": cast.practice, "patient": cast.max, "enrollment": cast.max_enrolled}
    factories.saved(factories.DeviceAssignment(device=scale, starts_on=date(2025, 12, 1), **own))
    check = checked(rosa, SCALE, serial="S-1", unit_1="[lb_av]")
    assert [row.sent for row in rosa.get(check).context["first"]] == ["187.4 lb"]
    confirm(rosa, check)
    found = Reading.objects.get()
    assert (found.patient, str(found.value), found.original, found.source) == (
        cast.max,
        "85.00",
        "187.4 [lb_av]",
        "automatic",
    )


def test_without_a_device_readings_are_typed(rosa, cast):
    check = checked(rosa, SCALE, mrn="T-0001", unit_1="kg")
    assert "make no reading day" in rosa.get(check).content.decode()
    confirm(rosa, check)
    assert (Reading.objects.get().source, Reading.objects.get().patient) == ("typed", cast.jane)


def test_a_device_that_does_not_send_by_itself_gives_typed_readings(rosa, cast):
    device = cast.jane.assignments.get().device
    device.automatic = False
    device.save()
    confirm(rosa, checked(rosa, CUFF, serial="CUFF-T-0001"))
    assert {row.source for row in Reading.objects.all()} == {"typed"}


def test_the_good_lines_can_be_taken_in_alone(rosa, cast):
    bad = CUFF.replace(b"79 mmHg", b"790 mmHg")
    check = checked(rosa, bad, serial="CUFF-T-0001")
    page = rosa.get(check).content.decode()
    assert "Line 3" in page
    assert "Take in the 2 good readings" in page
    assert confirm(rosa, check).status_code == 422
    assert not Reading.objects.exists()
    answer = confirm(rosa, check, good="1")
    assert answer.status_code == 303
    assert Reading.objects.count() == 2
    batch = ImportBatch.objects.get()
    assert (batch.rows, batch.added, batch.left_out) == (3, 2, 1)


def test_a_line_is_taken_in_wholly_or_not_at_all(rosa, cast):
    """The cuff cannot weigh: of such a line nothing is taken, not even its blood pressure."""
    content = b"Date,Sys,Dia,Weight (kg)\n2026-01-05 07:14,134,84,85\n2026-01-06 07:14,130,80,\n"
    check = checked(rosa, content, serial="CUFF-T-0001")
    (error,) = rosa.get(check).context["errors"]
    assert str(error).startswith(
        "Line 2, Weight (kg): Is weight, which a blood pressure cuff does not measure"
    )
    confirm(rosa, check, good="1")
    assert [row.day for row in Reading.objects.all()] == [date(2026, 1, 6)]


def test_a_file_without_one_good_line_is_not_taken_in(rosa, cast):
    check = checked(rosa, SCALE, serial="CUFF-T-0001", unit_1="kg")
    assert "good reading" not in rosa.get(check).content.decode()
    answer = confirm(rosa, check, good="1")
    assert answer.status_code == 422
    assert "No line of the file can be taken in" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not FileShape.objects.exists()


def test_taking_in_twice_adds_nothing_by_whichever_way(rosa, cast, tmp_path):
    confirm(rosa, checked(rosa, CUFF, serial="CUFF-T-0001"))
    assert run(tmp_path, CUFF, "--device", "CUFF-T-0001").startswith("4 readings: 0 added, 4 already here.")
    assert Reading.objects.count() == 4


def test_a_double_click_on_the_columns_has_one_answer(rosa, cast):
    columns = upload(rosa, CUFF)["Location"]
    form = filled(rosa.get(columns), serial="CUFF-T-0001")
    assert rosa.post(columns, form)["Location"] == rosa.post(columns, form)["Location"]


def test_the_zone_is_the_patients_and_the_day_too(rosa, cast):
    cast.jane.time_zone = "Pacific/Honolulu"
    cast.jane.save()
    confirm(rosa, checked(rosa, CUFF, serial="CUFF-T-0001"))
    first = Reading.objects.order_by("taken_at").first()
    assert (first.taken_at, first.day) == (datetime(2026, 1, 5, 17, 14, tzinfo=UTC), date(2026, 1, 5))


def test_a_zone_can_be_chosen(rosa, cast):
    confirm(rosa, checked(rosa, CUFF, serial="CUFF-T-0001", zone="America/Chicago"))
    assert Reading.objects.order_by("taken_at").first().taken_at == datetime(2026, 1, 5, 13, 14, tzinfo=UTC)


OFFSETS = b"Serial,Date Time,UTC Offset,Pulse\nCUFF-T-0001,2026-01-05 07:14,-06:00,71\n"


@pytest.mark.parametrize(
    ("zone", "hour", "said"),
    [("column", 13, "are local ones as “UTC Offset” says"), ("UTC", 7, "“UTC Offset” says only where")],
)
def test_beside_a_column_of_offsets_it_is_asked_what_the_times_are(rosa, cast, zone, hour, said):
    columns = upload(rosa, OFFSETS)["Location"]
    page = rosa.get(columns)
    assert "can be the local time at the offset of “UTC Offset”, or UTC" in page.content.decode()
    assert rosa.post(columns, filled(page)).status_code == 422
    check = rosa.post(columns, filled(page, zone=zone))["Location"]
    assert said in rosa.get(check).content.decode()
    confirm(rosa, check)
    assert Reading.objects.get().taken_at == datetime(2026, 1, 5, hour, 14, tzinfo=UTC)


@pytest.mark.parametrize("who", ["luis", "dan"])
def test_nobody_else_sees_the_columns(client, rosa, cast, who):
    columns = upload(rosa, CUFF)["Location"]
    client.force_login(cast.user(who))
    assert client.get(columns).status_code == 404
    assert client.post(columns, {"operation_id": str(uuid4())}).status_code == 404


def test_another_practice_does_not_know_the_shape(rosa, client, cast):
    confirm(rosa, checked(rosa, AMBIGUOUS, order="dmy"))
    client.force_login(cast.dan.user)
    assert "/columns/" in upload(client, AMBIGUOUS)["Location"]


def test_the_device_is_found_in_whatever_column_knows_it(cast):
    content = b"Asset,When,Pulse\nCUFF-T-0001,2026-01-05 07:14,71\n"
    found = look_through(content, practice=cast.practice, at=NOW)
    assert (len(found.new), found.errors) == (1, ())


def test_the_page_takes_the_same_queries_whatever_the_files_length(cast, django_assert_num_queries):
    header = "Serial,Date,Sys,Dia,Pulse\n"
    lines = [f"CUFF-T-0001,2026-01-05 07:{minute:02},134,84,71\n" for minute in range(50)]
    for some in (lines[:2], lines):
        content = "".join([header, *some]).encode()
        with django_assert_num_queries(10):
            look_through(content, practice=cast.practice, at=NOW)


def run(tmp_path, content, *arguments):
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    out = StringIO()
    call_command("import_readings", str(file), "--practice", "maple", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_reads_a_file_whose_headings_leave_nothing_open(cast, tmp_path):
    told = run(tmp_path, CUFF, "--device", "CUFF-T-0001", "--dry-run")
    assert told.startswith("4 readings: 4 would be added, 0 already here.\n")
    assert "Dates with dots are day, month, year." in told
    assert "Columns left out: Notiz." in told
    assert not Reading.objects.exists()
    assert run(tmp_path, CUFF, "--device", "CUFF-T-0001").startswith("4 readings: 4 added")
    assert Reading.objects.count() == 4


def test_the_command_uses_what_was_chosen_on_the_page(rosa, cast, tmp_path):
    with pytest.raises(CommandError, match=r"can be two days.*\nOpen such a file under Import readings once"):
        run(tmp_path, AMBIGUOUS)
    confirm(rosa, checked(rosa, AMBIGUOUS, order="dmy"))
    assert "0 added, 1 already here" in run(tmp_path, AMBIGUOUS)


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (CUFF, (), "No column says whose readings these are"),
        (SCALE, ("--mrn", "T-0001"), "Choose the unit of Weight"),
        (AMBIGUOUS, ("--date-order", "dmy", "--device", "CUFF-T-0001"), "The file says in “Serial” whose"),
        (
            CUFF[:-2].removesuffix(b'"'),
            ("--device", "CUFF-T-0001"),
            "Line 3, line: Has a quote that is not closed",
        ),
        (CUFF, ("--device", "NONE"), "Line 2, Device’s serial number: Is “NONE”, which no device here has"),
        (b"PK\x03\x04xlsx", (), r"This is a workbook \(.xlsx\), not a CSV"),
    ],
)
def test_the_command_says_what_is_open_or_wrong(cast, tmp_path, content, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(tmp_path, content, *arguments)
    assert not Reading.objects.exists()


def test_the_command_can_leave_wrong_lines_out(cast, tmp_path):
    broken = CUFF[:-2].removesuffix(b'"')
    told = run(tmp_path, broken, "--device", "CUFF-T-0001", "--good-lines")
    assert told.startswith("3 readings: 2 added, 0 already here, 1 wrong lines left out.\nLine 3, line:")
    assert Reading.objects.count() == 2


def test_an_order_can_be_given_to_the_command(cast, tmp_path):
    run(tmp_path, AMBIGUOUS, "--date-order", "mdy", "--dry-run", "--good-lines")
    run(tmp_path, AMBIGUOUS, "--date-order", "dmy")
    assert Reading.objects.get().day == date(2026, 1, 5)


def test_crash_between_leaves_nothing(cast, monkeypatch):
    """Readings and what was kept of the columns come together or not at all."""
    found = understand(AMBIGUOUS, cast.practice)
    chosen = mappings.Mapping(found.mapping.columns, order="dmy")
    monkeypatch.setattr("monitoring.files.shapes.headings.key", lambda heading: 1 / 0)
    with acting("system: test"), pytest.raises(ZeroDivisionError), transaction.atomic():
        take_in(AMBIGUOUS, practice=cast.practice, file_name="x.csv", by=cast.rosa, at=NOW, mapping=chosen)
    assert not Reading.objects.exists()
    assert not FileShape.objects.exists()


def test_a_mapping_of_another_file_is_refused(cast):
    with pytest.raises(Refused, match="chosen for another file"):
        look_through(SCALE, practice=cast.practice, at=NOW, mapping=mappings.Mapping(()))


@pytest.mark.parametrize(
    "values",
    [
        {"shape": "x"},
        {"mapping": {}},
        {"mapping": {"columns": [], "serial": "D-1"}},
        {"mapping": {"columns": [], "mrn": "T-0001"}},
    ],
)
def test_the_database_keeps_no_shape_that_is_none(cast, values):
    row = {"shape": "a" * 64, "headings": [], "mapping": {"columns": []}, **values}
    with acting("system: test"), pytest.raises(DatabaseError), transaction.atomic():
        FileShape(practice=cast.practice, **row).save()


def test_the_database_keeps_one_meaning_for_a_shape(cast):
    row = {"practice": cast.practice, "shape": "a" * 64, "headings": [], "mapping": {"columns": []}}
    with acting("system: test"):
        FileShape(**row).save()
        with pytest.raises(DatabaseError, match="one_meaning_per_shape_of_file"), transaction.atomic():
            FileShape(**row).save()
