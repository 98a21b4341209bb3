"""Reading ER7: what a message says, in its own signs and characters, and nothing of it lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.hl7.er7 import NULL, Marks, Unreadable, escape, header, parse, unescape

USUAL = Marks("|", "^", "~", "\\", "&")
HEAD = "MSH|^~\\&|EHR|RIVERBEND|RPM|MAPLE|20260105||ADT^A04|M-1|P|2.5.1"


def read(body: str, *, charset: str = "", codec: str = "utf-8"):
    return parse(f"{HEAD}||||||{charset}\r{body}\r".encode(codec))


def test_fields_count_as_the_standard_counts_them():
    message = read("PID|1||N-1^^^RB&1.2&ISO^MR~77^^^SSA^SS||Bell^Ida")
    assert [message.msh.get(n) for n in (1, 2, 3, 10, 12)] == ["|", "", "EHR", "M-1", "2.5.1"]
    assert message.msh.get(9, 2) == "A04"
    pid = message.first("PID")
    assert pid.get(3) == "N-1"
    assert pid.get(3, 4, 2) == "1.2"
    assert [pid.part(text, 5) for text in pid.repetitions(3)] == ["MR", "SS"]
    assert (pid.get(5, 2), pid.get(5, 9), pid.get(99), pid.raw(0)) == ("Ida", "", "", "")


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_lines_may_end_as_other_systems_end_them(ending):
    message = parse(f"\ufeff{HEAD}{ending}{ending}PID|1||N-1{ending}".encode())
    assert message.first("PID").get(3) == "N-1"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("A\\F\\B", "A|B"),
        ("A\\S\\B", "A^B"),
        ("A\\T\\B", "A&B"),
        ("A\\R\\B", "A~B"),
        ("A\\E\\B", "A\\B"),
        ("\\E\\F\\E\\", "\\F\\"),
        ("A\\.br\\B", "A B"),
        ("\\H\\A\\N\\", "A"),
        ("Pe\\XC3B1\\a", "Peña"),
        ("\\XC3\\", "\\XC3\\"),
        ("\\XZZ\\", "\\XZZ\\"),
        ("\\Zown\\", "\\Zown\\"),
        ("half\\", "half\\"),
        ("\\", "\\"),
    ],
)
def test_escapes_are_read_and_what_is_unknown_stays(written, text):
    assert read(f"PID|1||{written}").first("PID").get(3) == text


def test_other_signs_are_the_messages_own():
    message = parse(
        b"MSH$*!/%$EHR$RB$RPM$MAPLE$20260105$$ADT*A04$M-1$P$2.5.1\rPID$1$$N-1*x!N-2$$Be|ll/F/*I%da"
    )
    pid = message.first("PID")
    assert [pid.part(text) for text in pid.repetitions(3)] == ["N-1", "N-2"]
    assert (pid.get(5), pid.get(5, 2), pid.get(5, 2, 2)) == ("Be|ll$", "I", "da")


def test_null_is_told_from_text_that_looks_like_it():
    pid = read('PID|""|\\X2222\\').first("PID")
    assert pid.get(1) == NULL
    assert pid.repetitions(2) == ["\\X2222\\"]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859_15"),
        ("iso-8859-1", "latin-1"),
        ("8859/1~UNICODE UTF-8", "latin-1"),
    ],
)
def test_characters_are_read_as_msh_18_says(charset, codec):
    assert read("PID|1||||Peña^José", charset=charset, codec=codec).first("PID").get(5, 2) == "José"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not begin with a header"),
        (b"PID|1", "does not begin with a header"),
        (b"MSH|^~", "does not begin with a header"),
        (b"MSH|^^\\&|EHR", "do not name the signs"),
        (b"MSH|^~\\|EHR|", "do not name the signs"),
        (b"MSHA^~\\&AEHRA", "cannot divide"),
        (b"MSH|^~\\&|E\r\xff", "is not UTF-8"),
        (HEAD.encode() + b"||||||KLINGON\rPID|1", "names a character set"),
        (HEAD.encode() + b"||||||ASCII\rPID|\xc3\xb1", "is not in the character set"),
        (b"FHS|^~\\&|E\rBHS|^~\\&|E\rMSH|^~\\&|E\r", "Batches"),
        (b"BHS|^~\\&|E\rMSH|^~\\&|E\r", "Batches"),
        (b"MSH|^~\\&|E\rPID|1\rMSH|^~\\&|E\rPID|1", "more than one message"),
        (b"MSH|^~\\&|E\rPID|1\rBTS|1", "more than one message"),
        (b"MSH|^~\\&|E\rpid|1", "does not begin with the name of a segment"),
    ],
)
def test_what_is_no_message_is_refused_in_words(content, why):
    with pytest.raises(Unreadable, match=why):
        parse(content)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(content):
    for read_it in (header, parse):
        try:
            read_it(content)
        except Unreadable:
            pass


@given(st.binary(max_size=200))
def test_whatever_follows_a_header_is_read_or_refused(content):
    try:
        message = parse(HEAD.encode() + b"|" + content)
    except Unreadable:
        return
    for segment in message.segments:
        for field in range(len(segment.fields) + 2):
            for text in segment.repetitions(field):
                segment.part(text, 2, 2)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_that_is_escaped_reads_as_before(text):
    assert unescape(escape(text, USUAL), USUAL) == text


@given(st.text())
def test_unescaping_loses_nothing_it_does_not_know(text):
    assert unescape(text.replace("\\", ""), USUAL) == text.replace("\\", "")
