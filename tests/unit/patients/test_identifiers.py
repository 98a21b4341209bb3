"""Codes and numbers by their shapes, and the sentence said when one is wrong."""

import pytest

from foundation.npi import why_not_npi
from patients.identifiers import HEADINGS, icd_codes, tidy_mbi, why_not_icd, why_not_mbi


@pytest.mark.parametrize("code", ["I10", "E11.65", "I50.22", "Z79.4", "C7A.0", "S72.001A", "E10.0"])
def test_a_full_code_passes(code):
    assert why_not_icd(code) is None


@pytest.mark.parametrize("code", ["E11", "E11.6", "I50", "I50.2", "J44", "N18.3", "E13.32", "I11"])
def test_a_heading_is_refused(code):
    assert "is a heading; choose a full code" in why_not_icd(code)


def test_a_heading_that_is_often_met_offers_a_full_code():
    assert why_not_icd("E11") == "E11 is a heading; choose a full code such as E11.65"


@pytest.mark.parametrize("code", ["", "11", "I1", "E11.65000", "É10", "I10 "])
def test_what_has_not_the_shape_is_refused(code):
    assert "is not a diagnosis code" in why_not_icd(code)


def test_what_is_offered_is_no_heading_itself():
    offered = {
        why_not_icd(heading).rsplit(" ", 1)[-1] for heading in HEADINGS if "such as" in why_not_icd(heading)
    }
    assert offered
    assert all(why_not_icd(code) is None for code in offered)


def test_codes_are_tidied_and_kept_once_in_order():
    assert icd_codes(" i10; e1165,\nI10 ") == ["I10", "E11.65"]


@pytest.mark.parametrize("number", ["1EG4-TE5-MK73", "1eg4te5mk73", "1EG4 TE5 MK73"])
def test_the_sample_of_a_medicare_number_passes(number):
    assert why_not_mbi(tidy_mbi(number)) is None


@pytest.mark.parametrize("letter", "SLOIBZ")
def test_letters_that_look_like_digits_are_not_in_a_medicare_number(letter):
    assert "never contains S, L, O, I, B or Z" in why_not_mbi(f"1{letter}G4TE5MK73")


@pytest.mark.parametrize("number", ["", "0EG4TE5MK73", "1EG4TE5MK7", "1EG4TE5MK734", "11G4TE5MK73"])
def test_another_shape_is_no_medicare_number(number):
    assert why_not_mbi(number)


def test_an_npi_passes_its_check_digit():
    assert why_not_npi("1234567893") is None
    assert why_not_npi("1245319599") is None


@pytest.mark.parametrize("number", ["1234567890", "1234567839", "123456789", "3234567893", "12345678931", ""])
def test_a_wrong_npi_is_refused(number):
    assert why_not_npi(number) == "NPI must be 10 digits and pass its check digit. Check for a swapped digit"
