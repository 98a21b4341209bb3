"""The pages of an import: by whom, in how many queries, with what words, once."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AccessEvent
from intake import acts
from intake.models import Candidate, PatientImport, State
from intake.selectors import counts
from patients.models import Patient
from tests.integration.intake.files import CHOSEN, JANE, NEW, csv, decided, matched, row, taken_in, work
from tests.integration.timelogs.pages import text_of

UPLOAD = reverse("intake:bring_in")


@pytest.fixture
def nurse(cast):
    client = Client()
    client.force_login(cast.rosa.user)
    return client


def send(client, path: str, *, operation=None, **typed):
    return client.post(path, {"operation_id": str(operation or uuid4()), **typed})


def upload(client, content: bytes, **more):
    return send(client, UPLOAD, file=SimpleUploadedFile("patients.csv", content), **more)


def at(name: str, found: PatientImport, *args) -> str:
    return reverse(f"intake:{name}", args=[found.pk, *args])


def test_from_the_file_to_the_patients_by_the_pages_alone(cast, nurse):
    answer = upload(nurse, csv(NEW, "T-0001,Doe,Jane,1948-05-12,F,555 0100"))
    found = PatientImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, at("columns", found))
    page = text_of(nurse.get(answer["Location"]))
    assert "patients.csv · 2 rows, divided by commas" in page
    chosen = {f"column_{index}": field for index, field in enumerate(CHOSEN)}
    assert send(nurse, at("columns", found), **chosen)["Location"] == at("check", found)
    page = text_of(nurse.get(at("check", found)))
    assert "1 of 2 rows can be taken in. 1 waits for your decision." in page
    assert "Phone:</b> here empty, in the file 555 0100" in page
    one = {"decision": "theirs", "fields_over": ["phone"], "reason": "She told us."}
    seen = nurse.get(at("row", found, 3)).context["form"]["seen"].value()
    assert send(nurse, at("row", found, 3), seen=seen, **one).status_code == 303
    assert "Every one of the 2 rows can be taken in." in text_of(nurse.get(at("check", found)))
    assert send(nurse, at("take_in", found), everything="on").status_code == 303
    assert "0 of 2</b> rows taken in" in text_of(nurse.get(at("check", found)))
    work()
    poll = nurse.get(at("check", found), headers={"HX-Request": "true"})
    assert poll.status_code == 286
    assert "Patients from a file: 1 new, 1 changed." in text_of(poll)
    page = text_of(nurse.get(at("check", found)))
    assert "BELL, Ida" in page
    assert "Changed from the file" in page
    assert "She told us. (Rosa Nguyen, RN)" in page


def test_a_double_press_of_each_button_does_it_once(cast, nurse):
    operation = uuid4()
    for _ in range(2):
        assert upload(nurse, csv(NEW), operation=operation).status_code == 303
    found = PatientImport.objects.get()
    chosen = {f"column_{index}": field for index, field in enumerate(CHOSEN)}
    for path, typed in (("columns", chosen), ("take_in", {"everything": "on"})):
        operation = uuid4()
        for _ in range(2):
            assert send(nurse, at(path, found), operation=operation, **typed).status_code == 303
    work()
    assert Patient.objects.filter(mrn="N-1").count() == 1


def test_what_is_wrong_with_a_file_is_said_at_its_field_and_nothing_is_kept(cast, nurse):
    answer = upload(nurse, b"\x00\x01")
    assert answer.status_code == 422
    assert "This is not a CSV in UTF-8" in text_of(answer)
    assert "Choose a CSV file" in text_of(send(nurse, UPLOAD))
    assert not PatientImport.objects.exists()


def test_while_one_is_open_the_next_is_refused_and_the_page_leads_to_it(cast, nurse):
    found = matched(cast.luis, NEW)
    page = text_of(nurse.get(UPLOAD))
    assert at("check", found) in page
    assert "Luis Ortiz, LPN" in page
    answer = upload(nurse, csv(NEW))
    assert answer.status_code == 422
    assert "An import of patients is open in your practice" in text_of(answer)


def test_columns_that_are_not_enough_are_told_and_the_choice_stays(cast, nurse):
    upload(nurse, csv(NEW))
    found = PatientImport.objects.get()
    answer = send(nurse, at("columns", found), column_0="mrn", column_1="mrn", column_3="born_on")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "MRN is given by “MRN” too. Choose one of them" in page
    answer = send(nurse, at("columns", found), column_0="mrn", column_3="born_on", column_5="phone")
    assert "No column gives: Family name, Given name. Choose one for each" in text_of(answer)
    assert answer.context["form"]["column_5"].value() == "phone"


def test_the_next_file_knows_the_columns(cast, nurse):
    header = "Kennung,Nachname,Vorname,Geburt,Sex,Phone"
    taken_in(matched(cast.luis, NEW, header=header), by=cast.luis)
    upload(nurse, csv(NEW, header=header))
    found = PatientImport.objects.get(state=State.COLUMNS)
    form = nurse.get(at("columns", found)).context["form"]
    assert [field.value() for field, _ in form.columns()] == CHOSEN


def test_errors_name_row_and_column_and_the_cells_are_inert(cast, nurse):
    found = matched(cast.rosa, "N-1,<script>alert(1)</script>,=1+1,3/4/51,F,", NEW)
    page = nurse.get(at("check", found) + "?show=errors").content.decode()
    assert "Row 2" in page
    assert "<b>DOB:</b> Is “3/4/51”. Write the year with four digits, like 5/12/1948" in page
    assert "<script>alert(1)" not in page
    assert "&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt;, =1+1" in page


def test_the_value_of_a_wrong_cell_is_in_no_log(cast, nurse, caplog):
    matched(cast.rosa, "N-1,Bell,Ida,3/4/51,F,", NEW)
    found = PatientImport.objects.get()
    with caplog.at_level("DEBUG"):
        nurse.get(at("check", found) + "?show=errors")
        send(nurse, at("take_in", found))
        work()
    assert Patient.objects.filter(mrn="N-1").exists() is True
    assert not any(word in caplog.text for word in ("3/4/51", "Bell", "Ida", "N-1"))


def test_a_reason_is_needed_and_what_was_chosen_stays(cast, nurse):
    found = matched(cast.rosa, "T-0001,Doe,Janet,1948-05-12,F,555 0100")
    seen = nurse.get(at("row", found, 2)).context["form"]["seen"].value()
    answer = send(nurse, at("row", found, 2), seen=seen, decision="theirs", fields_over=["phone"])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the reason. It stays in the record" in page
    boxes = [box for box in re.findall(r"<input [^>]*>", page) if " checked" in box and "name=" in box]
    assert [re.search(r'value="(\w+)"', box)[1] for box in boxes] == ["phone", "theirs"]
    assert row(found).decision == ""
    assert send(nurse, at("row", found, 2), seen=seen, decision="leave").status_code == 303


def test_a_row_matched_anew_is_not_decided_by_the_page_before(cast, nurse):
    found = matched(cast.rosa, "T-0001,Doe,Janet,1948-05-12,F,555 0100")
    answer = send(nurse, at("row", found, 2), seen="0" * 64, decision="ours", reason="x")
    assert answer.status_code == 422
    assert "matched anew while you had it open" in text_of(answer)


def test_a_likely_double_is_shown_beside_who_is_here(cast, nurse):
    found = matched(cast.rosa, "N-9,Doe,Janet,1948-05-12,F,555 0100")
    seen_before = AccessEvent.objects.filter(patient_id=cast.jane.pk).count()
    page = text_of(nurse.get(at("row", found, 2)))
    assert "Open the chart of DOE, Jane" in page
    assert "Another person: take in as new" in page
    assert "T-0001" in page
    assert "1EG4TE5MK73" in page
    assert AccessEvent.objects.filter(patient_id=cast.jane.pk).count() == seen_before + 1


def test_many_are_decided_at_once_on_the_list(cast, nurse):
    found = matched(
        cast.rosa,
        "T-0001,Doe,Jane,1948-05-12,F,555 0100",
        "T-0002,Roe,Max,1944-02-01,M,555 0101",
    )
    assert "Decide 2 rows at once" in text_of(nurse.get(at("check", found)))
    marks = marks_of(nurse.get(at("check", found)), "rest")
    assert marks == {"undecided": 2, "version": found.version}
    answer = send(nurse, at("decide_rest", found), decision="ours", **marks)
    assert answer.status_code == 422
    assert "Give the reason" in text_of(answer)
    answer = send(nurse, at("decide_rest", found), decision="ours", **marks, reason="Old numbers.")
    assert answer.status_code == 303
    assert set(Candidate.objects.values_list("decision", flat=True)) == {"ours"}


def marks_of(answer, name: str = "form") -> dict:
    """What the form of a page holds of what it showed."""
    form = answer.context[name]
    names = [field for field in ("undecided", "version", "seen") if field in form.fields]
    return {field: value for field in names if (value := form[field].value()) is not None}


PHONES = ["T-0001,Doe,Jane,1948-05-12,F,555 0100", "T-0002,Roe,Max,1944-02-01,M,555 0101"]


@pytest.mark.parametrize("forged", [{"version": ""}, {"version": "1"}])
def test_as_many_rows_with_other_values_are_not_decided_by_the_page_before(cast, nurse, forged):
    found = matched(cast.rosa, *PHONES)
    marks = marks_of(nurse.get(at("check", found)), "rest")
    columns = ["mrn", "family_name", "given_name", "born_on", "", "language"]
    again = acts.choose_columns(found, columns, by=cast.luis, at=timezone.now())
    assert counts(again)["at_once"] == 2
    for old in (marks, {**marks, **forged}):
        answer = send(nurse, at("decide_rest", found), decision="theirs", reason="It is newer.", **old)
        assert answer.status_code == 422
        assert "Look again, then decide" in text_of(answer)
    assert set(Candidate.objects.values_list("decision", flat=True)) == {""}


def test_what_was_refused_as_stale_can_be_sent_again_from_the_page_that_says_so(cast, nurse):
    found = matched(cast.rosa, *PHONES, "N-1,Bell,Ida,1951-03-14,F,")
    marks = marks_of(nurse.get(at("check", found)), "rest")
    decided(found, 2, "ours", by=cast.luis)
    typed = {"decision": "theirs", "reason": "It is newer."}
    answer = send(nurse, at("decide_rest", found), **typed, **marks)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "1 row differs and is not decided" in page
    assert "It is newer." in page
    assert send(nurse, at("decide_rest", found), **typed, **marks_of(answer)).status_code == 303
    assert [row(found, number).decision for number in (2, 3)] == ["ours", "theirs"]


def test_where_no_row_is_left_to_decide_the_list_says_so(cast, nurse):
    found = matched(cast.rosa, *PHONES)
    marks = marks_of(nurse.get(at("check", found)), "rest")
    for number in (2, 3):
        decided(found, number, "ours", by=cast.luis)
    answer = send(nurse, at("decide_rest", found), decision="theirs", reason="It is newer.", **marks)
    assert answer.status_code == 303
    assert "Rows were decided elsewhere" in text_of(nurse.get(answer["Location"]))
    assert set(Candidate.objects.values_list("decision", flat=True)) == {"ours"}


def test_a_stale_row_can_be_decided_from_the_page_that_says_so(cast, nurse):
    found = matched(cast.rosa, *PHONES)
    typed = {"decision": "ours", "reason": "Her number is old."}
    answer = send(nurse, at("row", found, 2), seen="0" * 64, **typed)
    assert (answer.status_code, row(found).decision) == (422, "")
    assert send(nurse, at("row", found, 2), **typed, **marks_of(answer)).status_code == 303


def test_the_twin_of_a_row_is_shown_when_it_is_taken_in_already(cast, nurse):
    found = matched(cast.rosa, NEW, "N-2,Bell,Ida,3/14/1951,female,555-0112")
    taken_in(found, by=cast.rosa, everything=False)
    ida = Patient.objects.get(mrn="N-1")
    seen = AccessEvent.objects.filter(patient_id=ida.pk).count()
    listed = text_of(nurse.get(at("check", found)))
    assert "row 2, taken in as BELL, Ida, has this date of birth" in listed
    assert AccessEvent.objects.filter(patient_id=ida.pk).count() == seen + 1
    page = text_of(nurse.get(at("row", found, 3)))
    assert "Open the chart of BELL, Ida" in page
    assert "555-0111" in page
    assert "555-0112" in page
    assert AccessEvent.objects.filter(patient_id=ida.pk).count() == seen + 2


def test_a_twin_that_was_left_out_is_said_so(cast, nurse):
    found = matched(cast.rosa, "N-9,Doe,Jane,1948-05-13,F,", "N-8,Doe,Jane,1948-05-13,F,")
    Candidate.objects.filter(number=2).update(decision="leave", decided_by=cast.rosa)
    taken_in(found, by=cast.rosa, everything=False)
    assert "but row 2 of the file, which was left out, has this date of birth" in text_of(
        nurse.get(at("row", found, 3))
    )


def test_discarding_deletes_what_was_kept(cast, nurse):
    found = matched(cast.rosa, NEW)
    assert send(nurse, at("end", found)).status_code == 303
    found.refresh_from_db()
    assert (found.state, Candidate.objects.count()) == (State.DISCARDED, 0)
    assert "The rows themselves are no longer kept." in text_of(nurse.get(at("check", found)))
    assert nurse.get(at("row", found, 2)).status_code == 404
    assert nurse.get(at("columns", found)).status_code == 404


def test_a_row_that_needs_no_decision_has_no_page_for_one(cast, nurse):
    found = matched(cast.rosa, NEW, JANE)
    assert [nurse.get(at("row", found, number)).status_code for number in (2, 3, 4)] == [404] * 3


@pytest.mark.parametrize(("who", "status"), [("cora", 403), ("omar", 403), ("ade", 403), ("dan", 404)])
def test_who_may_not_and_who_is_elsewhere(cast, who, status):
    found = matched(cast.rosa, "T-0001,Doe,Janet,1948-05-12,F,")
    client = Client()
    client.force_login(cast.user(who))
    for address in (at("check", found), at("columns", found), at("row", found, 2)):
        assert client.get(address).status_code == status
    for address in (at("take_in", found), at("end", found), at("decide_rest", found)):
        assert send(client, address).status_code == status
    assert Candidate.objects.count() == 1


def queries(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def changes(count: int) -> list[str]:
    return [f"N-{n},Cole,Ada,19{n + 20}-02-03,F,555 0{n}" for n in range(count)]


def test_the_lists_take_the_same_queries_however_long_they_are(cast, nurse):
    taken_in(matched(cast.rosa, *[line.rpartition(",")[0] + "," for line in changes(60)]), by=cast.rosa)
    asked = []
    for count in (3, 60):
        found = matched(cast.rosa, *changes(count))
        address = at("check", found)
        nurse.get(address)
        asked.append([queries(nurse, address), queries(nurse, address + "?show=different&page=2")])
        send(nurse, at("end", found))
    assert asked[0] == asked[1]
    ended = PatientImport.objects.filter(created=60).get()
    nurse.get(at("check", ended))  # says once what was done, which takes it from the session
    assert queries(nurse, at("check", ended)) == queries(nurse, at("check", ended) + "?page=3")
    assert max(map(max, asked)) < 30


def test_it_is_found_from_the_list_of_patients_and_the_palette(cast, nurse):
    assert UPLOAD in text_of(nurse.get(reverse("caseload")))
    assert UPLOAD in text_of(nurse.post(reverse("palette"), {"q": "bring"}))
    biller = Client()
    biller.force_login(cast.cora.user)
    assert UPLOAD not in text_of(biller.get(reverse("caseload")))


def test_the_chart_says_where_somebody_came_from(cast, nurse):
    found = matched(cast.rosa, "T-0001,Doe,Jane,1948-05-12,F,555 0100", NEW)
    decided(found, 2, "theirs", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    ida = Patient.objects.get(mrn="N-1")
    page = text_of(nurse.get(reverse("audit:record", args=["patient", ida.pk])))
    assert "Brought in from a CSV file" in page
